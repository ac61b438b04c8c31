/// The fuzzer's octets, followed by any number of zeros.
pub(super) struct Input<'a> {
    rest: &'a [u8],
}

impl<'a> Input<'a> {
    pub(super) fn new(data: &'a [u8]) -> Self {
        Self { rest: data }
    }

    pub(super) fn octet(&mut self) -> u8 {
        match self.rest.split_first() {
            Some((octet, rest)) => {
                self.rest = rest;
                *octet
            }
            None => 0,
        }
    }

    /// Returns a number below `end`.
    pub(super) fn below(&mut self, end: usize) -> usize {
        usize::from(self.octet()) % end
    }

    pub(super) fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    /// Returns some octets. The next octet says how many.
    pub(super) fn octets(&mut self) -> &'a [u8] {
        let len = self.below(64).min(self.rest.len());
        let (octets, rest) = self.rest.split_at(len);
        self.rest = rest;
        octets
    }
}
