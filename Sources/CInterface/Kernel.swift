import CPlumbline
import PlumbFuzzing
import PlumbModel
import PlumbVerdicts

/// A caller's kernel, which the thread that called Plumbline calls.
///
/// Sendable, as a run of one job calls it from its own thread alone.
@safe public struct Kernel: @unchecked Sendable {
  /// The type of its function: context, case, output, problem.
  public typealias Function =
    @convention(c) (
      UnsafeMutableRawPointer?, UnsafeRawPointer?, UnsafeMutablePointer<Float>?, UnsafeMutablePointer<CChar>?
    ) -> CInt

  private let function: Function
  private let context: UnsafeMutableRawPointer?

  init(_ function: Function?, _ context: UnsafeMutableRawPointer?) throws {
    guard let function = unsafe function else { throw BadArgument("'kernel' is a null pointer") }
    unsafe self.function = function
    unsafe self.context = context
  }

  /// The kernel as a run asks for it.
  func called(in arithmetic: Arithmetic) -> CalledKernel {
    CalledKernel(arithmetic: arithmetic) { input, number in try output(input, number) }
  }

  /// The output for `input`.
  ///
  /// - Throws: `EngineFailure` where the kernel has none, `Stopped` where it ends the run.
  private func output(_ input: CheckedCase, _ number: Int?) throws -> Activation<Float> {
    let block = unsafe caseBlock(input, number: number, line: false)
    defer { unsafe release(block) }
    var elements = [Float](repeating: .nan, count: input.outputCount)
    var problem = [CChar](repeating: 0, count: Int(PLUMBLINE_PROBLEM_SIZE))
    // Sound: both arrays are lent for the call alone, with the sizes that the header promises.
    let status = unsafe elements.withUnsafeMutableBufferPointer { elements in
      unsafe problem.withUnsafeMutableBufferPointer { problem in
        unsafe function(context, block, elements.baseAddress, problem.baseAddress)
      }
    }
    switch status {
    case PLUMBLINE_COMPUTED: return Activation(shape: input.outputShape, elements: elements)
    case PLUMBLINE_FAILED: throw Self.failure(problem)
    case PLUMBLINE_STOP: throw Stopped()
    default: throw BadArgument("the kernel returned \(status), which means nothing")
    }
  }

  /// The failure that the text in `problem` says: its kind before a colon, where there is one of that name.
  private static func failure(_ problem: [CChar]) -> EngineFailure {
    let text = String(decoding: problem.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let (word, rest) = (text.prefix { $0 != ":" }, text.drop { $0 != ":" }.dropFirst())
    if let kind = EngineFailure.Kind(rawValue: String(word)), !rest.isEmpty {
      return EngineFailure(kind, String(rest.drop { $0 == " " }))
    }
    return EngineFailure(.crash, text.isEmpty ? "the kernel says nothing of why" : text)
  }
}
