import PlumbVerdicts

/// The quantity that a search makes as great as it can.
package enum Objective: String, Sendable, CaseIterable {
  /// The quotient of drift and bound.
  case margin
  /// The drift in ulps, whatever the bound.
  case ulps

  /// The quantity's value for `drift`.
  package func score(of drift: LocalDrift) -> Double {
    switch self {
    case .margin: drift.margin
    case .ulps: drift.ulpsWithinDomain
    }
  }

  /// The quantity's value for `drift`, as the filter knows it.
  package func score(of drift: FilteredDrift) -> Double {
    switch self {
    case .margin: drift.margin
    case .ulps: drift.verdict == .outsideDomain ? 0 : drift.ulps
    }
  }
}

extension LocalDrift {
  /// The greatest distance in ulps; 0 where something is outside the domain, since its distance is unknown.
  package var ulpsWithinDomain: Double { verdict == .outsideDomain ? 0 : worstUlps }
}
