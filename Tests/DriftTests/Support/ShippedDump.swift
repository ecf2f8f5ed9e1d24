import PlumbDrift
import PlumbFormats
import PlumbModel
import Testing

@testable import PlumbGrading
@testable import PlumbVerdicts

/// The pass of the model that ships, as somebody's engine would leave it in a file.
enum ShippedDump {
  /// The file of a pass over `tokens`, without the roles that are `missing`, after `change`.
  static func file(
    _ tokens: [Int], without missing: Set<ActivationName.Role> = [],
    _ change: (ActivationName, inout Activation<Float>) -> Void = { _, _ in }
  ) throws -> [UInt8] {
    let trace = try EngineTrace.record(SeededModel.transformer, tokens)
    var writer = SafeTensorsWriter()
    for name in trace.order where !missing.contains(name.role) {
      var activation = trace[name.role, in: name.block]
      change(name, &activation)
      writer.add(name.description, shape: activation.shape, activation.elements)
    }
    return writer.bytes()
  }

  /// The report of grading it.
  static func report(
    _ bytes: [UInt8], _ tokens: [Int], isCumulative: Bool = true, attention: AttentionHeads? = .mostDrifting(4)
  ) throws -> GradeReport {
    let file = try SafeTensors(bytes: WeightArray(bytes), file: "dump")
    let dump = try ActivationDump(file, path: "dump", model: .seeded, tokens: tokens)
    return try GradeMeasurement(model: .seeded, dump: dump, arithmetic: .f32)
      .report(isCumulative: isCumulative, attention: attention).report
  }
}
