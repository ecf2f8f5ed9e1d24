import PlumbExact
import PlumbFormats
import PlumbModel
import PlumbTolerance
import Testing

@testable import PlumbGrading
@testable import PlumbMutants

/// The margins by which a diagnosis explains or refutes, held against points of the enclosures.
@Suite struct EnclosedMarginTests {
  @Test func `what explains lies within its bound of every point, what is refuted beyond it of every point of one`() {
    var source = SplitMix64(seed: 1)
    func below(_ count: Int) -> Int { Int(source.next() % UInt64(count)) }
    let sizes: [Double] = [0, 0x1p-1074, 0x1p-52, 0x1p-53, 1, 0x1.fffffffffffffp0, 3, 0x1p100, 0x1p1000]
    func size() -> Double { sizes[below(sizes.count)] }
    func number() -> Double { below(2) == 0 ? size() : -size() }
    var (explained, refuted) = (0, 0)
    for _ in 0..<20_000 {
      let elements = (0..<1 + below(3)).map { _ -> Tracked in
        let centre = number()
        let error = below(3) == 0 ? size().nextUp : size()
        return below(12) == 0
          ? .outside : Tracked(lower: centre - size(), upper: centre + size(), error: error)
      }
      let dumped = elements.map { element -> Float in
        switch below(6) {
        case 0: [.nan, .infinity, -.infinity][below(3)]
        case 1: Float(number())
        // At the edge of the bound.
        case 2: Float(element.upper + element.error)
        default: Float(element.lower - element.error)
        }
      }
      guard let margin = EnclosedMargin.decided(dumped, elements.map { Enclosed($0) }, where: { _ in true }) else {
        continue
      }
      func distances(_ index: Int) -> [Rational]? {
        guard let value = Rational(exactly: dumped[index]) else { return nil }
        return [elements[index].lower, elements[index].upper].compactMap { Rational(exactly: $0) }
          .map { (value - $0).magnitude }
      }
      /// The least distance to a point, which is not at an end where the value lies between the two.
      func isBeyond(_ index: Int) -> Bool {
        guard let bound = elements[index].bound else { return false }
        guard let ends = distances(index) else { return true }
        let isBetween = Double(dumped[index]) >= elements[index].lower && Double(dumped[index]) <= elements[index].upper
        return !isBetween && ends.allSatisfy { $0 > bound }
      }
      if margin <= 1 {
        explained += 1
        for index in elements.indices {
          let bound = elements[index].bound
          #expect(bound != nil && distances(index)?.allSatisfy { $0 <= bound ?? 0 } == true, "\(dumped) \(elements)")
        }
      } else {
        refuted += 1
        #expect(elements.indices.contains { isBeyond($0) }, "\(dumped) \(elements)")
      }
    }
    #expect(explained > 200 && refuted > 2000)
  }
}
