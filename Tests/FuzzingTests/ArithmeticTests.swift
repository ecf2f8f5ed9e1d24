import Foundation
import PlumbCases
import PlumbModel
import PlumbMutants
import PlumbTolerance
import PlumbVerdicts
import Synchronization
import Testing

/// The bounds of other arithmetics against kernels that are written plainly in them.
@Suite struct ArithmeticTests {
  static let layers = LayerKind.allCases.filter(Catalogue.isModelled)

  /// A machine, and the model that it keeps to.
  private static func machines(seed: UInt64) -> [(NaiveMachine, ArithmeticModel)] {
    let machine = { order, isFused in NaiveMachine(order: order, isFused: isFused, seed: seed) }
    var tensorCore = machine(.random, true)
    tensorCore.factor = NaiveMachine.tensorFloat32
    return [
      (machine(.sequential, false), .f32), (machine(.pairwise, true), .f32), (machine(.random, true), .f32),
      (NaiveMachine(order: .sequential, isFused: true, seed: seed, store: NaiveMachine.bfloat16), .bf16),
      (NaiveMachine(order: .random, isFused: false, seed: seed, store: NaiveMachine.float16), .f16),
      (tensorCore, .tf32),
    ]
  }

  @Test(arguments: layers) func plainKernelsAreWithin(layer: LayerKind) throws {
    var (greatest, decided) = (0.0, 0)
    for strategy in Strategy.allCases {
      let generator = CaseGenerator(layer: layer, strategy: strategy, seed: 11)
      for number in 0..<2 * CaseTests.effort {
        for (machine, model) in Self.machines(seed: UInt64(number)) {
          let input = try CheckedCase(generator.makeCase(number).representable(in: model.storage))
          var machine = machine
          let drift = try Catalogue.judge(input, output: NaiveKernels.output(input, &machine), in: model)
          #expect(
            drift.verdict != .outside,
            "\(model), \(machine.order): plumb fuzz \(layer.rawValue) --replay '\(CaseLine(input.source).text)'")
          greatest = max(greatest, drift.margin)
          if drift.verdict == .within { decided += 1 }
        }
      }
    }
    // Not so wide that nothing comes near, and not outside the domain all the time.
    #expect(greatest > (LayerKind.exact.contains(layer) ? -1 : 0.02), "\(layer): \(greatest)")
    #expect(decided >= 12, "\(layer): \(decided)")
  }

  /// The engine computes each step at least as accurately as Float32.
  @Test(arguments: layers) func theEngineIsWithinFloat32(layer: LayerKind) throws {
    for strategy in Strategy.allCases {
      let generator = CaseGenerator(layer: layer, strategy: strategy, seed: 12)
      for number in 0..<3 * CaseTests.effort {
        let input = try CheckedCase(generator.makeCase(number))
        let drift = try Catalogue.judge(input, output: Catalogue.engine(input), in: .f32)
        #expect(drift.verdict != .outside, "\(CaseLine(input.source).text)")
      }
    }
  }

  @Test(arguments: layers) func aMutantIsOutside(layer: LayerKind) throws {
    let killed = try Mutant.of(layer).filter { $0.proof == nil }.prefix(6).filter { mutant in
      try Strategy.allCases.contains { strategy in
        let generator = CaseGenerator(layer: layer, strategy: strategy, seed: 13)
        return try (0..<4).contains { number in
          let input = try CheckedCase(generator.makeCase(number))
          return try Catalogue.judge(input, output: mutant.output(input), in: .f32).verdict == .outside
        }
      }
    }
    #expect(!killed.isEmpty, "\(layer)")
  }

  @Test func aModelThatAllowsMoreHasTheGreaterBound() throws {
    let input = try CheckedCase(CaseGenerator(layer: .softmax, strategy: .random, seed: 14).makeCase(1))
    func bounds(_ text: String) throws -> [Double] {
      try Catalogue.tracked(input, in: ArithmeticModel(parsing: text)).elements.map(\.error)
    }
    let plain = try bounds("f32")
    for text in ["f32,flush-to-zero", "f32,faithful", "f32,elementary=8"] {
      let wider = try bounds(text)
      #expect(zip(plain, wider).allSatisfy { $0 <= $1 } && plain != wider, "\(text)")
    }
    let rotary = try CheckedCase(CaseGenerator(layer: .rotaryEmbedding, strategy: .random, seed: 14).makeCase(1))
    let tables = try ["bf16", "bf16,tables=f32"].map { text in
      try Catalogue.tracked(rotary, in: ArithmeticModel(parsing: text)).elements.map(\.error)
    }
    #expect(zip(tables[0], tables[1]).allSatisfy { $0 >= $1 } && tables[0] != tables[1])
    let narrower = try bounds("f32,elementary=1")
    #expect(zip(plain, narrower).allSatisfy { $0 >= $1 } && plain != narrower)
  }
}
