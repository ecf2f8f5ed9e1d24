import PlumbVerdicts

/// The accumulation of drift from block to block, in a few lines of a terminal.
struct BlockSpark {
  private let outputs: [ActivationDrift]
  private let verdicts: [Int: Verdict]
  private let colours: TerminalColours

  /// The line of `activations`, which stand in the order of the pass: the last of a block is its output.
  init(_ activations: [ActivationDrift], _ colours: TerminalColours) {
    var outputs: [Int: ActivationDrift] = [:]
    var verdicts: [Int: Verdict] = [:]
    for activation in activations {
      guard let block = activation.block, activation.accumulated != nil else { continue }
      outputs[block] = activation
      verdicts[block] = (verdicts[block] ?? .within).joined(activation.local.verdict)
    }
    self.outputs = outputs.sorted { $0.key < $1.key }.map(\.value)
    self.verdicts = verdicts
    self.colours = colours
  }

  /// The lines; none where there is no block.
  ///
  /// A line below marks a block with x where it is outside its bound, or nothing is claimed of it.
  var lines: [String] {
    guard let first = outputs.first?.block, let last = outputs.last?.block else { return [] }
    let spark = SparkLine(outputs.map { $0.accumulated?.relative ?? 0 }, columns: 60)
    let verdicts = spark.bars.map { bar in
      outputs[bar.range].reduce(Verdict.within) { $0.joined(verdict(of: $1)) }
    }
    let low = spark.scale.map { ReportText.scientific($0.lowerBound) } ?? ""
    let high = spark.scale.map { " " + ReportText.scientific($0.upperBound) } ?? ""
    let bars = zip(spark.bars, verdicts).map { colours.paint(String($0.character), $1) }.joined()
    let blocks = first == last ? "block \(first)" : "blocks \(first) to \(last)"
    var lines = [
      "accumulated drift of \(blocks), ÷ the greatest element (log scale)",
      ReportText.right(low, 9) + " " + bars + high,
    ]
    for verdict in [Verdict.anotherExpert, .outside, .undecided, .outsideDomain] where verdicts.contains(verdict) {
      let marks = verdicts.map { $0 == verdict ? colours.paint("x", verdict) : " " }
      lines.append(ReportText.right(ReportText.word(verdict), 9) + " " + marks.joined())
    }
    return lines
  }

  private func verdict(of output: ActivationDrift) -> Verdict { output.block.flatMap { verdicts[$0] } ?? .within }
}
