import PlumbExact
import PlumbModel

/// Gathers what a report says of an activation from bounds of every element's exact value and bound, and notes which
/// elements the exact path must look at so that the report is the one that it would give alone.
///
/// Distances, their quotients by ulps and bounds, and magnitudes are known between two Float64s each. The exact path's own
/// numbers lie between them too: at its first precision its enclosures are narrower, by thousands of times, than the errors
/// that the filter allows for, and where the filter knows an element exactly, so does the exact path.
struct LocalSurvey {
  /// An element by the exact path.
  struct Resolved {
    let element: LocalComparison.Element
    let exact: Ball
    /// The element as a report names it.
    let named: WorstElement
  }

  /// The elements that the activation has.
  private let engine: Activation<Float>
  /// The elements that no precision decides, which have no margin.
  private let open: Set<Int>
  /// For each element bounds of its distance in ulps; of those that hold no value the lower is above the upper.
  private var marks: SurveyMarks
  private var valued: Int { marks.ordinary.count + others }
  /// The elements that the plain formulas looked at.
  private var others = 0
  /// Whether something is not finite, or may overflow: then the exact path must look at everything.
  private var isBeyond = false
  /// Elements of which the verdict, or a bin, is not known.
  private var unsure: [Int] = []
  private var isOutside = false
  private var bins = (ulps: BinCounts(least: 0x1p-4), margins: BinCounts(least: 0x1p-6))
  /// The distances of the elements that the plain formulas looked at; the bin of one may not be known.
  private var octaves = FineCounts()
  private var worst = (margin: GreatestRecord(), ulps: GreatestRecord(), absolute: GreatestRecord())
  private var greatestMagnitude = GreatestRecord()

  /// Nothing known yet of `engine`, of whose elements no precision decides those that are `open`.
  init(_ engine: Activation<Float>, open: Set<Int> = []) {
    self.engine = engine
    self.open = open
    marks = SurveyMarks(count: engine.elements.count)
  }

  /// Takes in the numbers `range` of `run`, which the elements from `index` on should be: those that vector instructions find
  /// ordinary as they say, the others by the plain formulas.
  ///
  /// An element is ordinary where these would find it within and sure of its bins, and below every record so far.
  mutating func add(_ range: Range<Int>, of run: NearRun, at index: Int) {
    for start in stride(from: range.lowerBound, to: range.upperBound, by: SurveyMarks.greatestRun) {
      let part = start..<min(start + SurveyMarks.greatestRun, range.upperBound)
      let place = index + start - range.lowerBound
      let records = SurveyMarks.Records(
        margin: worst.margin.least, ulps: worst.ulps.least, absolute: worst.absolute.least,
        magnitude: greatestMagnitude.least)
      for other in marks.survey(part, of: run, engine.elements, from: place, records) {
        let number = start + Int(other)
        add(
          place + Int(other), Near(run.values[number], run.rests[number], error: run.errors[number]),
          NearBound(lower: run.lower[number], upper: run.upper[number]))
      }
    }
  }

  /// Takes in the element at `index`, which holds a value.
  @inline(__always)
  mutating func add(_ index: Int, _ exact: Near, _ bound: NearBound) {
    let value = engine.elements[index]
    guard value.isFinite, bound.upper < .infinity else {
      isBeyond = true
      return
    }
    others += 1
    let distance = exact.distance(from: value)
    let magnitude = exact.magnitude
    let lowerUlps = distance.lower * Self.inverseSpacing(at: magnitude.upper)
    let upperUlps = distance.upper * Self.inverseSpacing(at: magnitude.lower)
    marks.set(index, lower: lowerUlps, upper: upperUlps)
    octaves.add(upperUlps)
    worst.ulps.add(index, lowerUlps, upperUlps)
    worst.absolute.add(index, distance.lower, distance.upper)
    greatestMagnitude.add(index, magnitude.lower, magnitude.upper)
    guard !open.contains(index), let margin = Self.margin(distance, bound) else {
      unsure.append(index)
      return
    }
    worst.margin.add(index, margin.lower, margin.upper)
    let (ulpBin, marginBin) = (bins.ulps.bin(of: upperUlps), bins.margins.bin(of: margin.upper))
    let isWithin = distance.upper <= bound.lower
    guard isWithin || distance.lower > bound.upper, ulpBin == bins.ulps.bin(of: lowerUlps),
      marginBin == bins.margins.bin(of: margin.lower)
    else {
      unsure.append(index)
      return
    }
    if !isWithin { isOutside = true }
    bins.ulps.add(ulpBin)
    bins.margins.add(marginBin)
  }

  /// Takes in an element that only the exact path can tell anything of.
  mutating func addUnknown(_ index: Int) {
    guard engine.elements[index].isFinite else {
      isBeyond = true
      return
    }
    others += 1
    unsure.append(index)
    marks.set(index, lower: 0, upper: .infinity)
    octaves.add(.infinity)
    if !open.contains(index) { worst.margin.add(index, 0, .infinity) }
    worst.ulps.add(index, 0, .infinity)
    worst.absolute.add(index, 0, .infinity)
    greatestMagnitude.add(index, 0, .infinity)
  }

  /// 1 over the spacing of Float32 at `magnitude`, which is exact.
  @inline(__always)
  static func inverseSpacing(at magnitude: Double) -> Double {
    // Spacings lie between 2^−149 and 2^104, so that both are normal: twice the bias less the exponent.
    let half = NearBound.halfSpacing(at: min(magnitude, 0x1p128)).bitPattern >> 52
    return Double(bitPattern: (2045 - half) << 52)
  }

  /// Bounds of distance ÷ bound as the exact path rounds it, upward; `nil` where they say nothing.
  ///
  /// A quotient by a power of two is exact: no distance is below 2^−298. Another is moved past its rounding.
  @inline(__always)
  private static func margin(
    _ distance: (lower: Double, upper: Double), _ bound: NearBound
  ) -> (lower: Double, upper: Double)? {
    if distance.upper == 0 { return (0, 0) }
    if bound.lower == bound.upper {
      guard bound.lower > 0 else { return distance.lower > 0 ? (.infinity, .infinity) : nil }
      if bound.lower.significandBitPattern == 0 { return (distance.lower / bound.lower, distance.upper / bound.lower) }
    }
    guard bound.lower > 0 else { return nil }
    return (distance.lower / bound.upper * (1 - 0x1p-52), distance.upper / bound.lower * (1 + 0x1p-51))
  }

  /// The median, as far as it is known: bounds of it, and those elements of which one has it, as the one of rank `rank`.
  struct Median {
    let lower: Double
    let upper: Double
    let rank: Int
    let unsure: [Int]
  }

  /// The elements that the exact path must look at, in rising order; `nil` where that is all of them, or so many that it may
  /// as well.
  func places(_ median: Median) -> [Int]? {
    var places = Set(unsure)
    for record in [worst.margin, worst.ulps, worst.absolute, greatestMagnitude] { places.formUnion(record.places) }
    places.formUnion(median.unsure)
    guard places.count <= Self.greatestExact(of: valued) else { return nil }
    return places.sorted()
  }

  /// The most of `count` elements that the exact path looks at one by one: from there on it may as well look at all.
  static func greatestExact(of count: Int) -> Int { max(64, count / 64) }

  /// The median, as far as it is known; `nil` where the exact path must look at everything.
  var median: Median? {
    guard !isBeyond, valued > 0 else { return nil }
    var counts = octaves
    counts.add(marks.ordinary.ulps)
    var below = 0
    for (limits, count) in counts.occupied {
      if below + count > valued / 2 {
        // A little lower than the cell, so that bounds next to its limit lie on one side. Float32 holds the limits themselves
        // up to 2¹²⁷; of what lies beyond its greatest number all upper bounds are infinite.
        let least = min(Float(limits.above * (1 - 0x1p-20)), .greatestFiniteMagnitude)
        let greatest = Float(limits.upper)
        return median(above: least, atMost: greatest) ?? median(above: -1, atMost: greatest)
      }
      below += count
    }
    return nil
  }

  /// The median, where the upper bound of its rank r is known to lie at most at `greatest`; `nil` where `least` is too great to tell.
  ///
  /// The number of rank r lies between L and U, the lower and the upper bounds of that rank. Those numbers whose upper bound is
  /// at most `least`, c of them, have lower bounds no greater: if of the others the lower bound of rank r − c exceeds `least`, it
  /// is L. Numbers whose upper bound is below L are less than the one of rank r, those whose lower bound exceeds U are greater.
  private func median(above least: Float, atMost greatest: Float) -> Median? {
    let (near, below) = marks.near(above: least, atMost: greatest)
    let (lowers, uppers) = (marks.ulpsLower, marks.ulpsUpper)
    let rank = valued / 2 - below
    let lower = near.map { lowers[$0] }.sorted()[rank]
    let upper = near.map { uppers[$0] }.sorted()[rank]
    guard lower > least else { return nil }
    if lower == upper { return Median(lower: Double(lower), upper: Double(upper), rank: 0, unsure: []) }
    return Median(
      lower: Double(lower), upper: Double(upper), rank: rank - near.count { uppers[$0] < lower },
      unsure: near.filter { uppers[$0] >= lower && lowers[$0] <= upper })
  }

  /// The drift, with what the exact path says of `places`.
  func drift(_ resolved: [Int: Resolved], _ median: Median) -> LocalDrift {
    var bins = bins
    bins.ulps.add(marks.ordinary.ulps)
    bins.margins.add(marks.ordinary.margins)
    for index in unsure {
      guard let element = resolved[index]?.element else { continue }
      bins.ulps.add(bins.ulps.bin(of: element.drift.ulps))
      // An element that is undecided has no margin.
      if element.verdict != .undecided { bins.margins.add(bins.margins.bin(of: element.margin)) }
    }
    let looked = resolved.values.map(\.element)
    // The first of those with the greatest margin, as the exact path chooses it.
    let claimed = resolved.filter { $0.value.element.verdict != .undecided }
    let first = claimed.min { ($1.value.element.margin, $0.key) < ($0.value.element.margin, $1.key) }?.value
    let middle =
      median.lower == median.upper
      ? median.lower : median.unsure.compactMap { resolved[$0]?.element.drift.ulps }.sorted()[median.rank]
    return LocalDrift(
      worstUlps: looked.map(\.drift.ulps).max() ?? 0, medianUlps: middle,
      worstAbsolute: looked.map(\.drift.absolute).max() ?? 0,
      relative: ElementDrift.relative(looked.lazy.map(\.drift)),
      bound: first?.element.bound ?? (resolved.isEmpty ? 0 : .infinity),
      margin: first?.element.margin ?? 0,
      verdict: looked.reduce(isOutside ? .outside : .within) { $0.joined($1.verdict ?? .outside) },
      outsideDomain: 0, undecided: resolved.count - claimed.count, worst: first?.named, ulps: bins.ulps.histogram,
      margins: bins.margins.histogram)
  }
}
