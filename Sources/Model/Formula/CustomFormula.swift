/// A formula of one's own over named axes, such as
/// `x[rows,hidden],r[rows,hidden],w[hidden]:rms_norm(x+r,w,epsilon=1e-6)`.
///
/// First the inputs with their axes, then, after a colon, parts that have a name, each with a semicolon behind it, and the
/// result. Numbers with the same indices go together; what lacks an axis is the same for all of its indices.
package struct CustomFormula: Sendable, Hashable {
  /// An input.
  package struct Input: Sendable, Hashable {
    package let name: String
    package let axes: [String]
  }

  /// The text without spaces, which is the formula's name in reports, files and lines.
  package let text: String
  package let inputs: [Input]
  /// The parts that have a name, each after those that it uses.
  package let parts: [(name: String, expression: FormulaExpression)]
  package let result: FormulaExpression

  package init(
    text: String, inputs: [Input], parts: [(name: String, expression: FormulaExpression)], result: FormulaExpression
  ) {
    self.text = text
    self.inputs = inputs
    self.parts = parts
    self.result = result
  }

  /// The layers of the catalogue that it uses.
  package var layers: [LayerKind] { parts.flatMap(\.expression.layers) + result.layers }

  /// Whether both are the same text.
  package static func == (a: Self, b: Self) -> Bool { a.text == b.text }
  /// Hashes the text.
  package func hash(into hasher: inout Hasher) { hasher.combine(text) }
}

/// The reason why a text is no formula.
package struct FormulaError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The problem, and what to do.
  package let problem: String

  package init(_ problem: String) { self.problem = problem }

  /// One line for the person who must act.
  package var description: String { "in the formula: \(problem)" }
}
