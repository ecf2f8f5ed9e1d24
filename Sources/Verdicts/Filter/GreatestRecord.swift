/// The places where the greatest of some numbers may be, each of which is known to lie between two Float64s.
struct GreatestRecord {
  /// One number that may be the greatest.
  struct Candidate {
    let index: Int
    let lower: Double
    let upper: Double
  }

  /// At most the greatest number.
  private(set) var least = -Double.infinity
  private var candidates: [Candidate] = []
  /// The first of the greatest numbers that are known exactly.
  private var sure: Candidate?

  /// Takes in the number at `index`, which lies between `lower` and `upper`.
  ///
  /// A number that is below another's lower bound is not the greatest, and stays so when both are rounded upward to
  /// Float64s: the bounds are Float64s themselves.
  @inline(__always)
  mutating func add(_ index: Int, _ lower: Double, _ upper: Double) {
    if upper >= least { addPossible(Candidate(index: index, lower: lower, upper: upper)) }
  }

  @inline(never)
  private mutating func addPossible(_ candidate: Candidate) {
    if candidate.lower == candidate.upper {
      if let sure, sure.upper > candidate.upper || sure.upper == candidate.upper && sure.index < candidate.index {
        return
      }
      sure = candidate
    } else {
      candidates.append(candidate)
    }
    guard candidate.lower > least else { return }
    least = candidate.lower
    let limit = least
    if candidates.count >= 64 { candidates.removeAll { $0.upper < limit } }
  }

  /// Takes in what another record has.
  mutating func add(_ other: GreatestRecord) {
    for candidate in other.candidates + [other.sure].compactMap({ $0 }) {
      add(candidate.index, candidate.lower, candidate.upper)
    }
  }

  /// The places where the greatest number may be: its first place is among these.
  var places: [Int] {
    (candidates.filter { $0.upper >= least } + [sure].compactMap { $0 }.filter { $0.upper >= least }).map(\.index)
  }
}
