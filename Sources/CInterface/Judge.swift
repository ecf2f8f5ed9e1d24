import CPlumbline
import PlumbCases
import PlumbModel
import PlumbTolerance
import PlumbVerdicts

/// The layers that there are, as JSON.
@_cdecl("plumbline_layers")
public func layers(_ place: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
  unsafe answer(place) { try ReportJSON.text(of: LayerKind.allCases.map { LayerDescription($0) }) }
}

/// One layer, or a formula, as JSON; `plumbline.h` has the arguments.
@_cdecl("plumbline_layer")
public func describe(
  _ name: UnsafePointer<CChar>?, _ place: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> CInt {
  unsafe answer(place) { try ReportJSON.text(of: LayerDescription(try unsafe layer(name))) }
}

/// The verdict on an output; `plumbline.h` has the arguments.
@_cdecl("plumbline_judge")
public func judge(
  _ name: UnsafePointer<CChar>?, _ attributes: UnsafePointer<CChar>?, _ inputs: UnsafeRawPointer?, _ count: Int,
  _ output: UnsafeRawPointer?, _ arithmeticText: UnsafePointer<CChar>?,
  _ place: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> CInt {
  unsafe answer(place) {
    let layer = try unsafe layer(name)
    let arithmetic = try arithmetic(try unsafe text(arithmeticText, "arithmetic", or: "f32"), for: layer)
    guard let output = unsafe output?.assumingMemoryBound(to: plumbline_tensor.self) else {
      throw BadArgument("'output' is a null pointer")
    }
    let lent = try unsafe LentTensor(output.pointee, name: "output")
    let input = try unsafe lentCase(layer, attributes, inputs?.assumingMemoryBound(to: plumbline_tensor.self), count)
    guard lent.shape == input.outputShape else {
      throw BadArgument("the output has shape \(lent.shape), expected \(input.outputShape)")
    }
    let numbers = try lent.numbers()
    var judge = try caseJudge(input, arithmetic)
    return try ReportJSON.text(of: Judgement(input, numbers, drift: try judge.judge(numbers), arithmetic))
  }
}

/// The judge of `input`.
///
/// - Throws: `NotProved` where nothing is proved of the case.
func caseJudge(_ input: CheckedCase, _ arithmetic: Arithmetic) throws -> CaseJudge {
  do throws(ArithmeticError) {
    return try CaseJudge(input, in: arithmetic)
  } catch {
    throw NotProved(description: error.problem)
  }
}

/// The JSON of the verdict on one output.
struct Judgement: Encodable {
  /// The most elements of a case that is written as a line.
  private static let longest = 1 << 16

  let report: CaseReport
  /// The number of elements of the output.
  let elements: Int
  /// The line of the least part of the case that the worst element needs; `nil` where nothing is outside, or it is too long.
  let replay: String?
  /// The condition that the proof of *outside* rests on; `nil` where nothing is outside.
  let condition: String?

  init(_ input: CheckedCase, _ output: Activation<Float>, drift: LocalDrift, _ arithmetic: Arithmetic) {
    let layer = input.source.layer
    let isOutside = drift.verdict == .outside
    report = CaseReport(
      layer: layer.rawValue, engine: nil, arithmetic: arithmetic.description, drift: drift, replays: 1,
      failed: isOutside ? 1 : 0)
    elements = output.elements.count
    condition =
      isOutside ? ProofCondition(outside: [layer], arithmetic: arithmetic.description, isOwn: false)?.text : nil
    let worst = drift.worst.map { zip($0.index, output.shape).reduce(0) { $0 * $1.1 + $1.0 } }
    let part = worst.flatMap { input.part([$0])?.input } ?? input
    let size = part.source.tensors.values.reduce(0) { $0 + $1.shape.reduce(1, *) }
    replay = isOutside && size <= Self.longest ? CaseLine(part.source).text : nil
  }

  private enum CodingKeys: CodingKey { case elements, replay, condition }

  func encode(to encoder: any Encoder) throws {
    try report.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(elements, forKey: .elements)
    try container.encodeIfPresent(replay, forKey: .replay)
    try container.encodeIfPresent(condition, forKey: .condition)
  }
}
