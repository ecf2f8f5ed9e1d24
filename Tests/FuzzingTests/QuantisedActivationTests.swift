import PlumbCases
import PlumbModel
import PlumbMutants
import PlumbTolerance
import PlumbVerdicts
import Testing

/// Kernels that quantise the inputs of a product, computed as badly as their arithmetic allows.
@Suite struct QuantisedActivationTests {
  private static let kinds = ["q8_0", "q8_k", "int8", "int8-tensor", "fp8", "fp8-blocks"]

  /// No quantiser and no order of sums is outside, in either sense; some come near the bounds of the replayed one.
  @Test(arguments: kinds) func noKernelIsOutside(kind: String) throws {
    var generator = SplitMix64(seed: 28)
    var greatest = ["": 0.0, ",steps=stored": 0, ",steps=stored,order=sequence": 0, ",steps=stored,order=8-lanes": 0]
    for number in 0..<24 * CaseTests.effort {
      let input = try QuantisedKernel.input(number, kind, &generator)
      var kernel = QuantisedKernel(kind: kind, seed: UInt64(number))
      for (text, margin) in greatest {
        if text.contains("order"), kind.hasPrefix("fp8") { continue }
        kernel.lanes = text.contains("sequence") ? 1 : text.contains("8-lanes") ? 8 : nil
        let drift = try Catalogue.judge(
          input, output: kernel.output(input), in: ArithmeticModel(parsing: "f32,activations=\(kind)\(text)"))
        #expect(
          drift.verdict == .within,
          "activations=\(kind)\(text): plumb fuzz linear --replay '\(CaseLine(input.source).text)'")
        greatest[text] = max(margin, drift.margin)
      }
    }
    // Errors of random signs reach some 1/√n of their worst sum: 0.18 for 32 inputs, 0.04 for 512. Far less would say that the kernels
    // do not try the bounds.
    #expect(greatest["", default: 0] > 0.05, "\(greatest)")
    #expect(greatest[",steps=stored", default: 0] > 0.02, "\(greatest)")
    if !kind.hasPrefix("fp8") { #expect(greatest[",steps=stored,order=sequence", default: 0] > 0.1, "\(greatest)") }
  }

  /// Inputs that all lie on ties, of a scale of 1, and weights of one sign: a kernel that breaks each tie in the same direction comes near
  /// the bound of the unquantised values, and is where the replayed ones end.
  ///
  /// All n inputs but the greatest are off by ½ where each may be, so that the margin is (n − 1)/n and less what else is allowed. A scale
  /// of 1 in binary16 allows 127·2⁻¹¹ more of each: 0.5/0.562 of 31/32, 0.86. E4M3 allows 2⁻⁴ of each input: 4095 · 0.0625 of
  /// 2⁻⁴ · (4095 · 1.0625 + 448), 0.85.
  @Test(
    arguments: [
      ("q8_0", 127, 0.5, 1, 32, 0.85), ("q8_k", 127, 0.5, 1, 256, 0.95), ("int8", 127, 0.5, 1, 512, 0.95),
      ("int8-tensor", 127, 1.5, 2, 96, 0.95), ("fp8", 448, 1.0625, 1, 4096, 0.8),
    ] as [(String, Float, Float, Float, Int, Double)])
  func theWorstInputsComeNear(kind: String, greatest: Float, x: Float, to q: Float, count: Int, least: Double) throws {
    let input = try CheckedCase(
      LayerCase(
        layer: .linear,
        tensors: [
          "x": .real(Activation(shape: [1, count], elements: [greatest] + [Float](repeating: x, count: count - 1))),
          "weight": .real(Activation(shape: [1, count], elements: [Float](repeating: 1, count: count))),
        ]))
    let sum = Activation(shape: [1, 1], elements: [greatest + Float(count - 1) * q])
    for (text, least) in [("", least), (",steps=stored", 0.99)] {
      let drift = try Catalogue.judge(
        input, output: sum, in: ArithmeticModel(parsing: "f32,activations=\(kind)\(text)"))
      #expect(drift.verdict == .within && drift.margin >= least, "\(kind)\(text): \(drift.margin)")
    }
    // One input that is rounded the wrong way by four units is beyond what the replayed quantiser may give.
    let wrong = Activation(shape: [1, 1], elements: [sum.elements[0] + (q > x ? 4 : -4)])
    let replayed = try ArithmeticModel(parsing: "f32,activations=\(kind),steps=stored")
    #expect(try Catalogue.judge(input, output: wrong, in: replayed).verdict == .outside)
  }

  /// A quantiser with a bug is outside of what the replayed one allows.
  @Test(arguments: kinds, QuantisedKernel.Bug.allCases)
  func aWrongQuantiserIsOutside(kind: String, bug: QuantisedKernel.Bug) throws {
    guard bug.isSeen(of: kind) else { return }
    var generator = SplitMix64(seed: 5)
    var isOutside = false
    for number in 0..<24 {
      let input = try QuantisedKernel.input(number, kind, &generator)
      var kernel = QuantisedKernel(kind: kind, seed: UInt64(number))
      kernel.bug = bug
      let model = try ArithmeticModel(parsing: "f32,activations=\(kind),steps=stored")
      if try Catalogue.judge(input, output: kernel.output(input), in: model).verdict == .outside { isOutside = true }
    }
    #expect(isOutside)
  }

  /// A kernel that does not quantise is within where it may, and outside where it must.
  @Test(arguments: kinds) func aKernelThatDoesNotQuantise(kind: String) throws {
    var generator = SplitMix64(seed: 6)
    var isOutside = false
    for number in 0..<8 {
      let input = try QuantisedKernel.input(number, kind, &generator)
      let plain = Catalogue.engine(input)
      func verdict(_ text: String) throws -> Verdict {
        try Catalogue.judge(input, output: plain, in: ArithmeticModel(parsing: "f32,activations=\(kind)\(text)"))
          .verdict
      }
      #expect(try verdict("") == .within)
      if try verdict(",steps=stored") == .outside { isOutside = true }
    }
    #expect(isOutside)
  }

  @Test(arguments: [
    (LayerKind.feedForward, "f32,activations=q8_0", "linear"), (.linearBackward, "f32,activations=int8", "linear"),
    (.linear, "f32,activations=ggml", "plumb grade"),
  ]) func layersThatItDoesNotCover(layer: LayerKind, text: String, hint: String) throws {
    let part = Catalogue.missingPart(of: layer, in: try ArithmeticModel(parsing: text))
    #expect(try #require(part).contains(hint))
    #expect(Catalogue.missingPart(of: .softmax, in: try ArithmeticModel(parsing: text)) == nil)
  }

  /// Products of two activations are not of quantised inputs, whose factors and order have their own words.
  @Test func attentionIsAsItIsWithout() throws {
    for text in ["f32,order=8-lanes", "f32,factors=f16", "tf32"] {
      for layer in [LayerKind.attentionScores, .attentionValues, .attention] {
        let input = try CheckedCase(CaseGenerator(layer: layer, strategy: .random, seed: 3).makeCase(1))
        let plain = try Catalogue.tracked(input, in: ArithmeticModel(parsing: text))
        #expect(try Catalogue.tracked(input, in: ArithmeticModel(parsing: "\(text),activations=int8")) == plain)
      }
    }
  }

  /// Factors in a format are of the other products.
  @Test func factorsAreNotOfWeights() throws {
    func errors(_ text: String) throws -> [Double] {
      let input = try CheckedCase(CaseGenerator(layer: .linear, strategy: .random, seed: 3).makeCase(1))
      return try Catalogue.tracked(input, in: ArithmeticModel(parsing: text)).elements.map(\.error)
    }
    #expect(try errors("f32,factors=f16,activations=int8") == errors("f32,activations=int8"))
    #expect(try errors("f32,factors=f16") != errors("f32"))
  }

  @Test(arguments: [
    "f32,activations=q8", "bf16,activations=q8_0,unit=h100", "f32,activations=q8_0,functions=cuda-fast",
    "f32,activations=q8_0,sums=f16",
    "f32,activations=fp8,order=sequence", "f32,activations=q8_k,order=tree", "f32,activations=q8_0,activations=q8_k",
    "f32,activations=int8,steps=kept", "f32,activations=int8,faithful", "f32,activations=int8,splits=2",
  ]) func contradictions(text: String) {
    let error = #expect(throws: ArithmeticError.self) { try ArithmeticModel(parsing: text) }
    #expect(error?.problem.contains("activations=") ?? false)
  }

  @Test(arguments: kinds) func namesAreReadAsTheyAreWritten(kind: String) throws {
    let model = try ArithmeticModel(parsing: "bf16,activations=\(kind),steps=stored")
    #expect(model.description == "bf16,activations=\(kind),steps=stored")
    #expect(try ArithmeticModel(parsing: model.description) == model)
  }

  /// Nothing is claimed of a scale that overflows or of one of subnormal numbers; blocks of zeros stay what they are.
  @Test func scalesAtTheEnds() throws {
    func bounds(_ kind: String, _ x: [Float]) throws -> [Tracked] {
      var model = try ArithmeticModel(parsing: "f32,activations=\(kind),steps=stored")
      model.isOfWeights = true
      return model.activations(Activation(shape: [1, x.count], elements: x.map { Tracked(Double($0)) })).elements
    }
    #expect(try bounds("q8_0", [0, -0, 0]) == [Tracked(0), Tracked(0), Tracked(0)])
    #expect(try bounds("q8_0", [9e6, 1]).allSatisfy(\.isOutside))
    #expect(try bounds("int8", [.infinity, 1]).allSatisfy(\.isOutside))
    #expect(try bounds("int8", [0x1p-140, 0]).allSatisfy(\.isOutside))
    #expect(try bounds("q8_0", [0x1p-126, 0]).allSatisfy(\.isOutside))
    // A sum that is scaled only afterwards may overflow: 127·2¹²⁷.
    let great = try CheckedCase(
      LayerCase(
        layer: .linear,
        tensors: [
          "x": .real(Activation(shape: [1, 1], elements: [0x1p-64])),
          "weight": .real(Activation(shape: [1, 1], elements: [0x1p127])),
        ]))
    #expect(try Catalogue.tracked(great, in: ArithmeticModel(parsing: "f32,activations=int8")).elements[0].isOutside)
    // Below half the least scale that binary16 has, a block is lost.
    #expect(try bounds("q8_0", [3e-6, -1e-6]).allSatisfy { $0.computed.lower == 0 && $0.computed.upper == 0 })
    // Ties may go either way: 0.5 of a scale of 1.
    let tied = try bounds("q8_0", [127, 0.5])
    #expect(tied[0] == Tracked(127))
    #expect(tied[1].computed.lower <= 0 && tied[1].computed.upper >= 1)
  }
}
