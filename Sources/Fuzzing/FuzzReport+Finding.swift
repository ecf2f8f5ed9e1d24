import PlumbVerdicts

extension FuzzReport {
  /// A case with the greatest margin or drift, or one that failed.
  package struct Finding: Sendable, Codable {
    /// The number of the case in its run; `nil` for a line of the corpus.
    package let number: Int?
    /// The line of the corpus, from 1; `nil` for a new case.
    package let corpusLine: Int?
    /// Its greatest margin.
    package let margin: Double
    /// Its greatest drift, in ulps; 0 where something is outside the domain.
    package let ulps: Double
    /// The bound of the element with that margin.
    package let bound: Double?
    /// That element.
    package let worst: WorstElement?
    /// The reason why there was no output to measure, such as a crash of another engine; `nil` where there was one.
    package let problem: String?
    /// The kind of failure; `nil` where it is none.
    package let kind: FailureKind?
    /// A sentence on the fault of the case of `replay`, and whether it comes again; `nil` where there is none.
    package internal(set) var what: String?
    /// The case as one line, for `--replay`: smaller, where it failed and could be made so.
    package internal(set) var replay: String
    /// The file that holds the line, for `--replay @FILE`; `nil` where the line is short enough to be printed.
    package internal(set) var replayFile: String?
    /// The result of the smaller case; `nil` where the case is the one that was found.
    package internal(set) var shrunk: Failure?
    /// The counts of the failure's repetitions; `nil` where it was not repeated.
    package internal(set) var repetition: Repetition?

    init(_ drift: LocalDrift, replay: String, number: Int?, corpusLine: Int?) {
      self.number = number
      self.corpusLine = corpusLine
      margin = drift.margin
      ulps = drift.ulpsWithinDomain
      bound = drift.problem == nil ? drift.bound : nil
      worst = drift.worst
      problem = drift.problem
      kind = drift.failure
      what = drift.failureText
      self.replay = replay
    }

    /// The corpus comes before the cases of the run.
    var order: (Int, Int) { Self.order(number, corpusLine) }

    static func order(_ number: Int?, _ corpusLine: Int?) -> (Int, Int) {
      corpusLine.map { (0, $0) } ?? (1, number ?? 0)
    }
  }

  /// The result of a case that was made smaller.
  package struct Failure: Sendable, Codable {
    /// Its greatest margin.
    package let margin: Double
    /// The bound of the element with that margin; `nil` where there was no output to measure.
    package let bound: Double?
    /// That element.
    package let worst: WorstElement?
    /// The reason why there was no output to measure.
    package let problem: String?

    init(_ drift: LocalDrift) {
      margin = drift.margin
      bound = drift.problem == nil ? drift.bound : nil
      worst = drift.worst
      problem = drift.problem
    }
  }
}
