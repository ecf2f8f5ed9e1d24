import PlumbVerdicts

extension ExhaustiveReport {
  /// The reports of a JSON list, as `plumb exhaust --json` prints it; `nil` where the list is of another command's reports.
  ///
  /// - Throws: `JoinError` where a report lacks something.
  package static func read(_ bytes: [UInt8]) throws(JoinError) -> [ExhaustiveReport]? {
    guard let first = try? JoinError.reports(Kind.self, in: bytes, of: "plumb").first, first.function != nil else {
      return nil
    }
    let reports = try JoinError.reports(ExhaustiveReport.self, in: bytes, of: "plumb exhaust")
    guard reports.allSatisfy({ $0.schema == 1 }) else {
      throw JoinError(problem: "is of another schema; make it again with this version of 'plumb exhaust'")
    }
    return reports
  }

  /// The key by which a report of a walk is known.
  private struct Kind: Decodable { let function: String? }

  /// The reports of the shards of one run, joined: one report a function, in the order in which they first appear.
  ///
  /// - Throws: `JoinError` where the reports are not of one run, or are not the whole of it.
  package static func joined(_ reports: [ExhaustiveReport]) throws(JoinError) -> [ExhaustiveReport] {
    var joined: [ExhaustiveReport] = []
    for report in reports {
      let subject = report.function
      try report.expectSound()
      guard report.isComplete else {
        throw JoinError(problem: "\(subject): a shard was interrupted after \(report.inputs) inputs; run it again")
      }
      guard let place = joined.firstIndex(where: { $0.function == subject }) else {
        joined.append(report)
        continue
      }
      let known = joined[place]
      guard report.instructionSet == known.instructionSet, report.range == known.range else {
        func options(_ report: ExhaustiveReport) -> String {
          "\(report.range.map { "--range \($0) " } ?? "")--isa \(report.instructionSet)"
        }
        throw JoinError(problem: "\(subject): the shards are of two runs, \(options(known)) and \(options(report))")
      }
      try Shard.expectNew(report.shards, beside: known.shards, of: subject)
      joined[place].join(report)
      joined[place].shards = (known.shards + report.shards).sorted { $0.index < $1.index }
      joined[place].seconds += report.seconds
    }
    for report in joined { try Shard.expectWhole(report.shards, of: report.function) }
    return joined
  }

  /// Refuses numbers that no walk has: what is joined was read from a file.
  private func expectSound() throws(JoinError) {
    let counts = [inputs, correctlyRounded, decidedExactly, monotonicityViolations, undecided, outside]
    guard counts.allSatisfy({ 0...1 << 32 ~= $0 }) else {
      throw JoinError(problem: "\(function): a count is negative, or greater than any walk's; the file was changed")
    }
    guard Shard.areSound(shards) else {
      throw JoinError(problem: "\(function): 'shards' names no part of a run; the file was changed")
    }
  }
}
