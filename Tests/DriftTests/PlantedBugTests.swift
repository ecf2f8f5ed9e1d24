import PlumbEngine
import PlumbFormats
import PlumbModel
import Testing

@testable import PlumbVerdicts

/// A trace of the engine with one element moved: the activation that holds it must be found outside.
@Suite struct PlantedBugTests {
  private static let transformer = LoadedModel.seeded.transformer
  private static let trace = Result { try EngineTrace.record(transformer, [80, 108, 117, 109, 98]) }

  /// The trace with the element `index` of `name` replaced.
  private func trace(
    _ name: ActivationName, _ index: Int, _ change: (Float) -> Float
  ) throws -> EngineTrace {
    var trace = try Self.trace.get()
    var activation = trace[name.role, in: name.block]
    activation.elements[index] = change(activation.elements[index])
    trace.record(name, activation)
    return trace
  }

  private func verdict(_ name: ActivationName, _ trace: EngineTrace) throws -> LocalDrift {
    LocalMeasurement(transformer: Self.transformer, trace: trace).measure(name)
  }

  private static let names = transformer.plan.names.filter { $0.block ?? 1 == 1 }

  @Test(arguments: names) func aWrongElementIsFoundInEveryActivation(name: ActivationName) throws {
    let clean = try Self.trace.get()
    let index = clean[name.role, in: name.block].elements.count - 1
    #expect(try verdict(name, clean).verdict == .within)
    // A hundredth of the value is thousands of bounds in every layer here, and a wrong sign more still.
    let scaled = try verdict(name, try trace(name, index) { $0 * 1.01 })
    #expect(scaled.verdict == .outside)
    #expect(scaled.margin > 1)
    #expect(scaled.worst?.index == LocalComparison.coordinates(of: index, in: clean[name.role, in: name.block].shape))
    #expect(try verdict(name, try trace(name, index) { -$0 }).verdict == .outside)
    #expect(try verdict(name, try trace(name, index) { _ in .nan }).verdict == .outside)
  }

  @Test func twoUlpsAreTooManyWhereOneRoundingIsAllowed() throws {
    for role in [ActivationName.Role.attentionResidual, .gatedUp, .activatedGate, .attentionNorm] {
      let name = ActivationName(block: 0, role)
      let moved = try trace(name, 3) { $0.nextUp.nextUp }
      #expect(try verdict(name, moved).verdict == .outside, "\(name)")
    }
  }

  @Test func anInputThatIsNotFiniteLeavesNothingToClaim() throws {
    let broken = try trace(ActivationName(block: 0, .gate), 0) { _ in .infinity }
    let drift = try verdict(ActivationName(block: 0, .activatedGate), broken)
    #expect(drift.verdict == .outsideDomain)
  }
}
