import PlumbModel

/// y[i] = e^(x[i] − m) / Σⱼ e^(x[j] − m), along the last axis, with m the greatest element.
///
/// Softmax is the same function with any number in m's place, so that a kernel's error of m is none of the result's. Computed
/// `stepwise`, each operation's result may be stored.
package struct Softmax<Context: ArithmeticContext>: FormulaOfOneTensor {
  package let context: Context
  package var x: Activation<Context.Number>
  /// The elements of a row that count, by its index, while the others give 0; `nil` for all.
  package var counted: (@Sendable (_ row: Int) -> Range<Int>)?
  /// The number that is one element more of a row, by its index, and of which no result is given; `nil` for none.
  package var sink: (@Sendable (_ row: Int) -> Context.Number)?
  /// Whether the greatest element of a row is subtracted from its sink, which may be greater; otherwise the greatest of all from both.
  package var sinkIsShifted = false
  /// Whether results are divided by a sum, whatever is subtracted before.
  package var dividesHere = true
  /// Whether columns are normalised instead of rows.
  package var isAlongColumns = false
  /// Each element less the greatest.
  package var shifted: @Sendable (Row<Context>) -> Row<Context> = { $0.lessGreatest.step }
  package var exponential: RowFunction<Context> = { $0.exponentialsOfDifferences.step }
  /// The divisor of the exponentials of a row.
  package var divisor: @Sendable (Row<Context>) -> Scalar<Context> = { $0.total.step }
  /// The result from the exponentials and the divisor.
  package var quotient: @Sendable (Row<Context>, Scalar<Context>) -> Row<Context> = { $0 / $1 }
  package var round: RowFunction<Context> = { $0.result }

  package init(_ x: Activation<Context.Number>, in context: Context) {
    self.x = x
    self.context = context
  }

  /// The softmax of scores `[heads, tokens, positions]` over the positions that each token sees.
  package init(
    _ scores: Activation<Context.Number>, _ layer: AttentionLayer, firstPosition: Int, in context: Context
  ) {
    self.init(scores, in: context)
    let (tokens, positions) = (scores.shape[1], scores.columns)
    counted = { layer.seen(from: firstPosition + $0 % tokens, of: positions) }
    if let sinks = layer.sinks?.logits.map({ context.read($0) }) { sink = { sinks[$0 / tokens] } }
  }

  package func forward() -> Activation<Context.Number> {
    let (rows, columns) = isAlongColumns ? (x.columns, x.rows) : (x.rows, x.columns)
    let x = isAlongColumns ? x.transposed : x
    let results = context.map(rows) { index -> [Context.Number] in
      let counted = counted?(index) ?? 0..<columns
      let result = round(quotients(context.row(x.row(index))[counted], joining: sink?(index))).numbers
      if counted.count == columns { return Array(result) }
      func zeros(_ count: Int) -> [Context.Number] { [Context.Number](repeating: context.exact(0), count: count) }
      return zeros(counted.lowerBound) + result + zeros(columns - counted.upperBound)
    }
    let result = Activation(shape: x.shape, elements: results.flattened)
    return isAlongColumns ? result.transposed.reshaped(self.x.shape) : result
  }

  /// The exponential of each row's sink, of those that the row is divided by.
  package var sinkExponentials: [Context.Number] {
    context.map(x.rows) { index in
      guard let sink = sink?(index) else { return context.exact(0) }
      let row = context.row(x.row(index))[counted?(index) ?? 0..<x.columns]
      return exponentials(row, joining: sink)[row.count].number
    }
  }

  /// The weight of each row's sink, of which no result is given.
  package var sinkShares: [Context.Number] {
    context.map(x.rows) { index in
      guard let sink = sink?(index) else { return context.exact(0) }
      let row = context.row(x.row(index))[counted?(index) ?? 0..<x.columns]
      func share(_ softmax: Self) -> Scalar<Context> {
        let exponentials = softmax.exponentials(row, joining: sink)
        return quotient(exponentials, divisor(exponentials))[row.count]
      }
      var other = self
      other.sinkIsShifted.toggle()
      return share(self).or(share(other)).stored.number
    }
  }

  /// The exponentials of `row`, and behind them that of its sink.
  private func exponentials(_ row: Row<Context>, joining sink: Context.Number) -> Row<Context> {
    let joined = row.joining(sink)
    return sinkIsShifted ? (joined - row.greatest).exponential() : exponential(shifted(joined))
  }

  /// The softmax of `row`, beside which a `sink` counts.
  ///
  /// Kernels subtract the greatest of all from both, or that of the row alone.
  private func quotients(_ row: Row<Context>, joining sink: Context.Number?) -> Row<Context> {
    guard let sink else {
      let exponentials = exponential(shifted(row))
      return quotient(exponentials, divisor(exponentials))
    }
    func shares(_ exponentials: Row<Context>) -> Row<Context> {
      quotient(exponentials.prefix(row.count), divisor(exponentials))
    }
    let result = shares(exponentials(row, joining: sink))
    guard dividesHere else { return result }
    var other = self
    other.sinkIsShifted.toggle()
    return result.or(shares(other.exponentials(row, joining: sink)))
  }
}
