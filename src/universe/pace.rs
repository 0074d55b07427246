//! How long operations take, stage by stage.

use std::str::FromStr;

use super::instant::SECOND;

/// How long operations take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OperationTime {
    /// No time: the first reply is not done, and the next look finds it finished.
    #[default]
    None,
    /// All the same time, in nanoseconds.
    Fixed(i64),
    /// About what the service takes for each (our choice: no source says how long).
    Realistic,
}

/// `none`, `realistic`, or a length such as `5s` or `1m 30s`.
impl FromStr for OperationTime {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "none" | "0" => Ok(Self::None),
            "realistic" => Ok(Self::Realistic),
            length => {
                let length = humantime::parse_duration(length)
                    .map_err(|_| "must be none, realistic, or a length such as 500ms, 5s or 2m".to_owned())?;
                i64::try_from(length.as_nanos()).map(Self::Fixed).map_err(|_| "must be less than 292 years".to_owned())
            }
        }
    }
}

/// One step of an operation, with its realistic length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stage {
    /// What is being done.
    pub name: &'static str,
    /// Seconds, if time is realistic; else its share of the whole.
    pub seconds: i64,
}

impl OperationTime {
    /// How long one stage of an operation takes, in nanoseconds. The lengths of all stages together are exactly the operation's.
    pub fn length(self, stages: &[Stage], stage: usize) -> i64 {
        match self {
            Self::None => 0,
            Self::Realistic => stages.get(stage).map_or(0, |stage| stage.seconds.saturating_mul(SECOND)),
            Self::Fixed(length) => {
                let seconds = |stages: &[Stage]| stages.iter().map(|stage| i128::from(stage.seconds)).sum::<i128>();
                let whole = seconds(stages).max(1);
                // In 128 bits, since a length times a share may not fit in 64; the result is no longer than the length.
                let passed = |stages: &[Stage]| i128::from(length) * seconds(stages) / whole;
                let (before, after) = (passed(&stages[..stage]), passed(&stages[..=stage]));
                i64::try_from(after - before).unwrap_or(length)
            }
        }
    }

    /// How long one thing takes that has no stages, in nanoseconds, if it realistically takes so many seconds.
    pub fn length_of(self, seconds: i64) -> i64 {
        self.length(&[Stage { name: "", seconds }], 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stages_of_an_operation_share_its_length() {
        let stages = [1, 1, 1].map(|seconds| Stage { name: "", seconds });
        let lengths: Vec<i64> = (0..3).map(|stage| OperationTime::Fixed(100).length(&stages, stage)).collect();
        assert_eq!(lengths, [33, 33, 34]);
        assert_eq!(OperationTime::Fixed(i64::MAX).length(&stages, 2), i64::MAX / 3 + 1);
        assert_eq!(OperationTime::Realistic.length(&stages, 1), SECOND);
        assert_eq!(OperationTime::None.length(&stages, 1), 0);
    }
}
