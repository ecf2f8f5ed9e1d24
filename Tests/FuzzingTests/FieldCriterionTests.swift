import PlumbMutants
import Testing

/// Each criterion on both sides of its own edge, which its definition gives for an expected 1.
@Suite struct FieldCriterionTests {
  private static let edges: [(FieldCriterion, Float, Float)] = [
    (.allclose, 1.0000099, 1.0000105),
    (.assertClose, 1.0000112, 1.0000115),
    (.thousandth, 1.00199, 1.00201),
    (.nmse, 1.00031, 1.00032),
    (.cosine, 0.25, -0.25),
  ]

  @Test(arguments: edges) func eachHasItsEdge(criterion: FieldCriterion, accepted: Float, rejected: Float) {
    #expect(criterion.accepts([accepted], expected: [1]))
    #expect(!criterion.accepts([rejected], expected: [1]))
  }

  @Test func theCosineIsOfTheWholeOutput() {
    // The tangent of the angle whose cosine is 0.999 is 0.04476.
    #expect(FieldCriterion.cosine.accepts([1, 0.0447], expected: [1, 0]))
    #expect(!FieldCriterion.cosine.accepts([1, 0.0448], expected: [1, 0]))
  }

  @Test(arguments: FieldCriterion.allCases) func oddValues(criterion: FieldCriterion) {
    #expect(criterion.accepts([], expected: []))
    #expect(criterion.accepts([0, 0], expected: [0, -0.0]))
    #expect(criterion.accepts([.infinity, 1], expected: [.infinity, 1]))
    #expect(!criterion.accepts([.infinity, 1], expected: [3, 1]))
    #expect(!criterion.accepts([3, 1], expected: [.infinity, 1]))
    #expect(!criterion.accepts([.nan, 1], expected: [1, 1]))
    #expect(!criterion.accepts([.nan], expected: [.nan]))
    #expect(criterion.accepts([0x1p127, 0x1p-149], expected: [0x1p127, 0x1p-149]))
  }
}
