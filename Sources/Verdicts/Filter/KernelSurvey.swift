import PlumbExact
import PlumbModel
import PlumbTolerance

/// An activation that another engine computed from known inputs, decided in Float64 by what error-tracking arithmetic knows of it; the
/// exact path looks at the few elements that it leaves open, and at those that a report names.
package struct KernelSurvey {
  package let tracked: Activation<Tracked>
  private let holdsValue: (@Sendable (Int) -> Bool)?
  /// The exact path on the elements at some places.
  private let exact: (_ places: [Int]) -> [ExactPart]

  /// A survey of what `step` gives, which is `tracked`, for the `inputs` that the engine had.
  package init(
    _ step: Step, _ inputs: [Activation<Float>], _ engine: Activation<Float>, tokens: [Int],
    tracked: Activation<Tracked>, holdsValue: (@Sendable (Int) -> Bool)?
  ) {
    let selection = ExactSelection(step: step, inputs: inputs, engine: engine, tokens: tokens, turns: [:])
    self.tracked = tracked
    self.holdsValue = holdsValue
    exact = { selection.parts($0) }
  }

  /// A survey of what several steps give, which is `tracked`; `exact` is the exact path on the elements at some places, whose own bounds
  /// play no part.
  package init(tracked: Activation<Tracked>, exact: @escaping (_ places: [Int]) -> [ExactPart]) {
    self.tracked = tracked
    holdsValue = nil
    self.exact = exact
  }

  /// The drift of `engine`; `nil` where the exact path must decide all of it.
  ///
  /// `rounding` is what is added to the bound of an element that may reach a magnitude, `nil` where nothing is claimed of it then; it
  /// never falls where the magnitude rises. `exactRounding` is the same of a rational number.
  package func drift(
    of engine: Activation<Float>, rounding: (_ reach: Double) -> Double?,
    exactRounding: @escaping (_ reach: Rational) -> Rational?
  ) -> LocalDrift? {
    guard engine.shape == tracked.shape else { return nil }
    return LocalSurvey.drift(of: engine) { survey in
      for (index, number) in tracked.elements.enumerated() where holdsValue?(index) ?? true {
        guard number.isFinite, let least = rounding(number.leastSum), let greatest = rounding(number.greatestSum)
        else {
          return false
        }
        survey.add(
          index, Near(number),
          NearBound(lower: Outward.sumDown(number.error, least), upper: Outward.sumUp(number.error, greatest)))
      }
      return true
    } resolve: { places in
      exact(places).resolve(engine) { place, exact in
        guard let bound = tracked.elements[place].bound else { return nil }
        return exactRounding(exact.midpoint.magnitude + exact.radius + bound).map { bound + $0 }
      }
    }?.drift
  }
}

extension Tracked {
  /// At least the magnitude of the exact number and the error, and at most a little more.
  fileprivate var greatestSum: Double { Outward.sumUp(magnitude, error) }

  /// At most the magnitude of the exact number and the error.
  fileprivate var leastSum: Double {
    Outward.sumDown(lower > 0 ? lower : upper < 0 ? -upper : 0, error)
  }
}
