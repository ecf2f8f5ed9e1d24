import Foundation
import PlumbEngine
import PlumbExact

/// This machine, as far as it decides how fast plumb is and which bits its engine gives; its coding keys are the documented
/// JSON schema.
struct Machine: Encodable {
  let schema = 1
  /// The version of the command.
  let version = Plumb.version
  /// The processor's name for itself, or that the system does not say it.
  let processor = Self.processorName ?? "the system does not name it"
  /// The processors that the system has for this process.
  let processors = Engine.processors
  /// The instruction sets that the engine's kernels can use here.
  let instructionSets = Engine.InstructionSet.supported.map(\.rawValue)
  /// The one that the engine uses.
  let instructionSet: String
  /// Whether the environment forces it.
  let isForced: Bool
  /// The instructions of exact products.
  let exactProducts = ExactMachine.products.name
  /// The version of GMP.
  let gmp = ExactMachine.gmpVersion

  /// Reads what is there.
  ///
  /// - Throws: where the environment forces an instruction set that is not there.
  init() throws(Engine.InstructionSetError) {
    instructionSet = try Engine.InstructionSet.fromEnvironment().rawValue
    isForced = ProcessInfo.processInfo.environment[Engine.InstructionSet.environmentVariable] != nil
  }

  /// A line for each, with a word on what is fast.
  var lines: [String] {
    let fused = Engine.InstructionSet(rawValue: instructionSet) != .portable
    let isFastest = instructionSet == instructionSets.last
    return [
      "plumb            \(version)",
      "processor        \(processor)",
      "threads          \(processors), unless '--threads' says otherwise; no bit depends on it",
      "instruction sets \(instructionSets.joined(separator: ", "))",
      "engine           \(instructionSet)\(isForced ? ", as PLUMB_ISA says" : ""): "
        + (isFastest ? "the fastest here" : "\(instructionSets.last ?? "") would be faster")
        + (fused ? "" : "; its sums round in another way than those of the other sets"),
      "exact products   \(exactProducts)"
        + (exactProducts == "portable" ? ": no kernel is written for this processor, passes take longer" : ""),
      "GMP              \(gmp)",
    ]
  }

  private static var processorName: String? {
    guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8) else { return nil }
    let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
    return line?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) }
  }
}

extension ExactInstructionSet {
  /// The name in reports.
  fileprivate var name: String {
    switch self {
    case .portable: "portable"
    case .avx2: "avx2"
    case .avx512VNNI: "avx512 with VNNI"
    }
  }
}
