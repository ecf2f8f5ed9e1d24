import PlumbLayers
import PlumbModel
import PlumbTolerance
import PlumbVerdicts

/// A layer's formula with the bugs that are planted in it: over Float64 the engines that have them, over enclosures what
/// they give in exact arithmetic.
protocol Plantable<Context>: CaseFormula where Context: BugContext {
  /// The layer that it computes.
  static var layer: LayerKind { get }

  /// The bugs that are planted in it.
  static var bugs: [Bug<Self>] { get }
}

/// A bug as a change of a layer's formula, or of its output.
struct Bug<Form: Plantable>: Restatable {
  let name: String
  let sentence: String
  let proof: String?
  /// The change that the bug makes in the formula; `nil` where it spoils an output that was right.
  let plant: (@Sendable (inout Form) -> Void)?
  let spoil: @Sendable (inout Activation<Form.Context.Number>, Form.Context) -> Void
  var restatement: Restatement?
}

extension Plantable {
  /// The bug of setting properties otherwise than they should be.
  static func mutant(
    _ name: String, _ sentence: String, proof: String? = nil, _ plant: @escaping @Sendable (inout Self) -> Void
  ) -> Bug<Self> {
    Bug(name: name, sentence: sentence, proof: proof, plant: plant, spoil: { _, _ in })
  }

  /// The bug of spoiling an output that was right.
  static func mutant(
    _ name: String, _ sentence: String,
    afterwards spoil: @escaping @Sendable (inout Activation<Context.Number>, Context) -> Void
  ) -> Bug<Self> {
    Bug(name: name, sentence: sentence, proof: nil, plant: nil, spoil: spoil)
  }

  /// The layer without a bug.
  static var right: Bug<Self> { mutant("control", "There is no bug.") { _ in } }

  static var rowTailSkipped: Bug<Self> { spoiled(.rowTailSkipped) }
  static var vectorTailSkipped: Bug<Self> { spoiled(.vectorTailSkipped) }
  static var firstRowRepeated: Bug<Self> { spoiled(.firstRowRepeated) }

  private static func spoiled(_ spoiling: Spoiling) -> Bug<Self> {
    mutant(spoiling.name, spoiling.sentence) { output, context in spoiling.spoil(&output, zero: context.exact(0)) }
  }

  static var truncated: Bug<Self> {
    mutant("truncated", "The result is cut off instead of rounded.") { $0.round = { $0.truncated() } }
  }

  static var flushed: Bug<Self> {
    mutant("flush-to-zero", "Subnormal results become 0.") { $0.round = { $0.flushed() } }
  }

  static var resultInBfloat16: Bug<Self> {
    mutant("result-in-bf16", "The result goes through bfloat16.") { $0.round = { $0.rounded(to: .bfloat16) } }
  }

  static var resultInFloat16: Bug<Self> {
    mutant("result-in-float16", "The result goes through binary16.") { $0.round = { $0.rounded(to: .float16) } }
  }

  static var signFlipped: Bug<Self> {
    mutant("sign-flipped", "The gradient's sign is wrong.") { $0.round = { (-$0).result } }
  }

  static var doubled: Bug<Self> {
    mutant("doubled", "The gradient is added twice.") { $0.round = { (2 * $0).result } }
  }

  /// The tensor with each number rounded to `format`.
  func kept(_ x: Activation<Context.Number>, in format: FloatFormat) -> Activation<Context.Number> {
    Row.tensor([context.row(x.elements).rounded(to: format)], shape: x.shape)
  }
}
