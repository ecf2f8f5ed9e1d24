import PlumbModel
import PlumbMutants
import PlumbVerdicts
import Testing

@testable import PlumbCases

/// The cases that are drawn.
@Suite struct DrawingTests {
  @Test(arguments: LayerKind.allCases) func someCasesHaveALongAxis(layer: LayerKind) throws {
    var (long, aroundPowers) = (0, 0)
    for number in 0..<2000 {
      var source = SeededSource(seed: 1, stream: layer.rawValue, index: number)
      let extents = ShapeDraw(layer, using: &source).extents
      guard let longest = extents.values.max(), longest > 100 else { continue }
      long += 1
      // A head has an even size.
      #expect(126...1025 ~= longest || 4094...4097 ~= longest, "\(extents)")
      // A head has half as many pairs as elements.
      #expect(extents.count { $0.key != "pairs" && $0.value > 8 } == 1, "\(extents)")
      if (longest - 1...longest + 1).contains(where: { $0 & ($0 - 1) == 0 }) { aroundPowers += 1 }
    }
    // Of 2,000 draws 40 are expected, give or take 6.
    #expect(15...80 ~= long && aroundPowers * 4 > long, "\(long), \(aroundPowers)")
  }

  @Test(arguments: LayerKind.allCases) func aThresholdIsMetByACaseThatFitsItsLayer(layer: LayerKind) throws {
    let generator = CaseGenerator(layer: layer, strategy: .random, seed: 2, mayBeLong: false)
    var changed = 0
    for number in 0..<12 {
      let drawn = generator.makeCase(number)
      var (met, source) = (drawn, SeededSource(seed: 3, stream: layer.rawValue, index: number))
      ExactThreshold.meet(&met, using: &source)
      if met != drawn { changed += 1 }
      let input = try CheckedCase(met)
      #expect(try input.extents == CheckedCase(drawn).extents)
      #expect(Catalogue.judge(input).verdict != .outside, "\(CaseLine(met).text)")
    }
    #expect(changed > 0)
  }

  /// Equal tokens whose shares are the fractions of a power of two: only a mass that is met exactly tells these bugs.
  @Test(arguments: [0, 1, 2]) func samplingIsMetAtItsThresholds(seed: UInt64) throws {
    let report = try MutantRun(layer: .sampling, seed: seed).report(cases: 1000)
    for mutant in report.mutants where mutant.proof == nil { #expect(mutant.killedAfter != nil, "\(mutant.name)") }
    #expect(report.falseAlarms == 0)
  }

  /// Whatever extents are fixed, either the shape is refused or no tensor is larger than its limit.
  @Test(arguments: LayerKind.allCases) func fixedExtentsLeaveRoomForTheOthers(layer: LayerKind) throws {
    let signature = Catalogue.signature(of: layer)
    let limits = ExtentLimits(signature)
    var allowed = 0
    for number in 0..<300 {
      var source = SeededSource(seed: 4, stream: layer.rawValue, index: number)
      var fixed: [String: Int] = [:]
      for name in signature.extentNames where source.oneIn(2) {
        fixed[name] = max(name == "headSize" ? 2 : 1, (1 << Int.random(in: 0...24, using: &source)) & ~1)
      }
      if let heads = fixed["heads"], let shared = fixed["keyValueHeads"], !heads.isMultiple(of: shared) { continue }
      guard !fixed.isEmpty, limits.tooLarge(with: fixed) == nil else { continue }
      allowed += 1
      let extents = ShapeDraw(layer, fixed: fixed, using: &source).extents
      for shape in signature.tensors.map(\.shape) + [signature.output] {
        #expect(shape.reduce(1) { $0 * (extents[$1] ?? 1) } <= ExtentLimits.mostElements, "\(fixed): \(extents)")
      }
      if let heads = extents["heads"], let shared = extents["keyValueHeads"] {
        #expect(heads.isMultiple(of: shared), "\(fixed): \(extents)")
      }
    }
    #expect(allowed > 10)
    for name in signature.extentNames { #expect(limits.tooLarge(with: [name: 1 << 24 + 1]) != nil, "\(name)") }
  }
}
