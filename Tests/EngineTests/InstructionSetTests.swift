import PlumbEngine
import PlumbModel
import Testing

@Suite struct InstructionSetTests {
  @Test func `a set is found by its name, and nil means the fastest`() throws {
    for set in Engine.InstructionSet.supported { #expect(try Engine.InstructionSet.requested(set.rawValue) == set) }
    #expect(try Engine.InstructionSet.requested(nil).isSupported)
    #expect(Engine.InstructionSet.portable.isSupported)
  }

  @Test func `an unknown set is refused with the ones there are`() {
    let error = #expect(throws: Engine.InstructionSetError.self) { try Engine.InstructionSet.requested("mmx") }
    #expect(error == .unknown(name: "mmx"))
    #expect(error?.description.hasPrefix("there is no instruction set 'mmx': use one of portable") == true)
    #expect(error?.description.contains("PLUMB_ISA") == true)
  }

  @Test(arguments: Engine.InstructionSet.allCases) func `a set that the machine lacks is refused`(
    _ set: Engine.InstructionSet
  ) throws {
    guard !set.isSupported else { return }
    #expect(throws: Engine.InstructionSetError.unsupported(set)) { try Engine.InstructionSet.requested(set.rawValue) }
    var random = SplitMix64(seed: 51)
    let transformer = random.transformer(Sizes())
    #expect(throws: Engine.PassError.instructionSet(.unsupported(set))) {
      try Engine.Pass(transformer, instructionSet: set)
    }
  }
}
