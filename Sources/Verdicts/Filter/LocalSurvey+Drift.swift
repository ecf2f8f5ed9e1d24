import PlumbModel

extension LocalSurvey {
  /// The drift of `engine`, and the elements that the exact path looked at for it; `nil` where it must look at all of them.
  ///
  /// `fill` puts every element into the survey, and says whether something is known of them; `resolve` is the exact path on the
  /// elements at some places.
  static func drift(
    of engine: Activation<Float>, fill: (inout LocalSurvey) -> Bool, resolve: (_ places: [Int]) -> [Int: Resolved]?
  ) -> (drift: LocalDrift, resolved: [Int: Resolved])? {
    func decided(_ open: Set<Int>) -> (survey: LocalSurvey, median: Median, resolved: [Int: Resolved])? {
      var survey = LocalSurvey(engine, open: open)
      guard fill(&survey), let median = survey.median, let places = survey.places(median) else { return nil }
      return resolve(places).map { (survey, median, $0) }
    }
    guard let found = decided([]) else { return nil }
    let open = found.resolved.filter { $0.value.element.verdict == .undecided }
    // An element that no precision decides has no margin: another may have the greatest.
    guard let last = open.isEmpty ? found : decided(Set(open.keys)) else { return nil }
    return (last.survey.drift(last.resolved, last.median), last.resolved)
  }
}
