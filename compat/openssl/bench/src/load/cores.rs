//! Binds work to CPU cores.

/// The cores that this process may use.
pub struct Cores(libc::cpu_set_t);

impl Cores {
    /// The cores that this thread may use.
    pub fn of_this_thread() -> Self {
        // SAFETY: all zero is the empty set.
        let mut set = unsafe { std::mem::zeroed() };
        let size = size_of::<libc::cpu_set_t>();
        // SAFETY: the pointer is valid for the call, and the size is its own.
        let result = unsafe { libc::sched_getaffinity(0, size, &mut set) };
        assert_eq!(result, 0, "this system does not tell its cores");
        Self(set)
    }

    /// Does some work on the first core. A process or thread that it starts stays there.
    pub fn on_first<T>(&self, work: impl FnOnce() -> T) -> T {
        self.on(self.numbers().next(), work)
    }

    /// Does some work on the last core.
    pub fn on_last<T>(&self, work: impl FnOnce() -> T) -> T {
        self.on(self.numbers().last(), work)
    }

    fn numbers(&self) -> impl Iterator<Item = usize> {
        let most = 8 * size_of::<libc::cpu_set_t>();
        // SAFETY: the number is within the set.
        (0..most).filter(|number| unsafe { libc::CPU_ISSET(*number, &self.0) })
    }

    fn on<T>(&self, number: Option<usize>, work: impl FnOnce() -> T) -> T {
        let number = number.expect("this thread runs on one");
        // SAFETY: all zero is the empty set, and the number is within it.
        let one = unsafe {
            let mut set = std::mem::zeroed();
            libc::CPU_SET(number, &mut set);
            set
        };
        set(&one);
        let _back = Back(&self.0);
        work()
    }
}

/// Lets this thread use all cores again, when it is dropped.
struct Back<'a>(&'a libc::cpu_set_t);

impl Drop for Back<'_> {
    fn drop(&mut self) {
        set(self.0);
    }
}

fn set(cores: &libc::cpu_set_t) {
    let size = size_of::<libc::cpu_set_t>();
    // SAFETY: the pointer is valid for the call, and the size is its own.
    let result = unsafe { libc::sched_setaffinity(0, size, cores) };
    assert_eq!(result, 0, "this system does not bind threads to cores");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_runs_on_one_core_and_then_on_all_again() {
        let all = Cores::of_this_thread();
        let count = |cores: &Cores| cores.numbers().count();
        let within = || count(&Cores::of_this_thread());
        assert_eq!((all.on_first(within), all.on_last(within)), (1, 1));
        assert_eq!(count(&Cores::of_this_thread()), count(&all));
    }
}
