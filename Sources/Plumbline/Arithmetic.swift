import PlumbTolerance

/// The arithmetic of a kernel, which its bounds are computed for.
///
/// The page *Arithmetics* has all that a text may say, such as `"bf16,order=8-lanes,formula=welford"`.
public struct Arithmetic: Sendable, Hashable, CustomStringConvertible {
  let model: ArithmeticModel

  /// The arithmetic that `text` names.
  ///
  /// - Throws: `PlumblineError`, which lists what may be written.
  public init(_ text: String) throws(PlumblineError) {
    model = try PlumblineError.translating { try ArithmeticModel(parsing: text) }
  }

  private init(_ model: ArithmeticModel) { self.model = model }

  /// Float32 throughout, sums in any order.
  public static let f32 = Arithmetic(ArithmeticModel.f32)
  /// Tensors in bfloat16, sums in Float32 in any order.
  public static let bf16 = Arithmetic(ArithmeticModel.bf16)
  /// Tensors in binary16, sums in Float32 in any order.
  public static let f16 = Arithmetic(ArithmeticModel.f16)

  /// The text that names it.
  public var description: String { model.description }

  /// The words for what it allows.
  public var summary: String { model.summary }
}
