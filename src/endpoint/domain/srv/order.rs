//! The order in which servers of SRV records are tried (RFC 2782).

/// The content of an SRV record.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Service {
    pub(super) priority: u16,
    pub(super) weight: u16,
    pub(super) port: u16,
    /// In lower case, without a dot at its end.
    pub(super) host: String,
}

/// Orders services by their priorities, and those of one priority at random by their weights. `draw` returns a random
/// number from 0 to its argument, inclusive.
pub(super) fn arranged(mut services: Vec<Service>, draw: impl Fn(u32) -> u32) -> Vec<Service> {
    // "arrange all SRV RRs (that have not been ordered yet) in any order, except that all those with weight 0 are placed at
    // the beginning of the list"
    services.sort_by_key(|service| (service.priority, service.weight != 0));
    let mut order = Vec::with_capacity(services.len());
    while let Some(first) = services.first() {
        let priority = first.priority;
        let rivals = services.iter().take_while(|at| at.priority == priority);
        let sum = rivals.clone().map(|at| u32::from(at.weight)).sum();
        let number = draw(sum);
        let mut running = 0;
        // The running sum of the last one equals the sum, which `number` does not exceed.
        let chosen = rivals.take_while(|at| {
            running += u32::from(at.weight);
            running < number
        });
        let chosen = chosen.count().min(services.len() - 1);
        order.push(services.remove(chosen));
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(priority: u16, weight: u16, host: &str) -> Service {
        Service {
            priority,
            weight,
            port: 5061,
            host: host.to_owned(),
        }
    }

    fn hosts(services: &[Service]) -> Vec<&str> {
        services.iter().map(|at| at.host.as_str()).collect()
    }

    #[test]
    fn lower_priorities_go_first_whatever_their_weights() {
        let services = vec![
            service(20, 65535, "c"),
            service(10, 0, "a"),
            service(65535, 1, "d"),
            service(10, 7, "b"),
        ];
        for number in 0..=7 {
            let order = arranged(services.clone(), |most| number.min(most));
            assert_eq!(hosts(&order[2..]), ["c", "d"]);
        }
    }

    #[test]
    fn the_number_that_is_drawn_decides_within_a_priority() {
        let services = vec![
            service(1, 1, "one"),
            service(1, 3, "three"),
            service(1, 0, "zero"),
        ];
        let first = |number: u32| {
            let order = arranged(services.clone(), |most| number.min(most));
            hosts(&order)[0].to_owned()
        };
        // The running sums are 0, 1 and 4.
        let expected = ["zero", "one", "three", "three", "three"];
        for (number, expected) in (0..).zip(expected) {
            assert_eq!(first(number), expected, "{number}");
        }
        let order = arranged(services.clone(), |most| most);
        assert_eq!(hosts(&order), ["three", "one", "zero"]);
    }

    #[test]
    fn draws_are_from_the_weights_that_are_left() {
        let drawn = std::cell::RefCell::new(Vec::new());
        let services = vec![service(1, 1, "a"), service(1, 2, "b"), service(2, 5, "c")];
        arranged(services, |most| {
            drawn.borrow_mut().push(most);
            0
        });
        assert_eq!(drawn.into_inner(), [3, 2, 5]);
        assert!(arranged(Vec::new(), |_| 0).is_empty());
    }

    #[test]
    fn a_draw_that_is_too_high_does_no_harm() {
        let services = vec![service(1, 1, "a"), service(2, 1, "b")];
        assert_eq!(arranged(services, |_| u32::MAX).len(), 2);
    }
}
