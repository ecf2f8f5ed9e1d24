#if arch(x86_64)
  import Foundation
  import PlumbModel
  import PlumbVerdicts

  /// The scaling of rotary frequencies, and what the page on the bound declares that it adds to their error.
  struct DeclaredScaling {
    typealias Wide = DeclaredMachine.Wide

    private let rule: String
    private let divisors: [Float]?
    private let factor, context, low, high: Wide
    /// The first and the last place of YaRN's ramp.
    private let ramp: (first: Wide, last: Wide)
    let magnitude: Float

    init(_ input: CheckedCase, size: Int) {
      rule = input.word("scaling")
      divisors = input.optionalReal("divisors")?.elements
      factor = Wide(input.number("contextFactor"))
      context = Wide(input.integer("originalContext"))
      (low, high) = (Wide(input.number("lowTurns")), Wide(input.number("highTurns")))
      magnitude = input.number("magnitude")
      let theta = Wide(input.number("theta"))
      func place(_ turns: Wide, _ context: Wide) -> Wide {
        Wide(size) * Foundation.log(context / (2 * .pi * turns)) / (2 * Foundation.log(theta))
      }
      let places = (place(high, context), place(low, context))
      ramp =
        rule == "yarn" ? (max(places.0.rounded(.down), 0), min(places.1.rounded(.up), Wide(size - 1))) : places
    }

    func scaled(_ frequency: Wide, pair: Int) -> Wide {
      if let divisors { return frequency / Wide(divisors[pair]) }
      func mixed(_ kept: Wide) -> Wide {
        let kept = min(max(kept, 0), 1)
        return frequency * (kept + (1 - kept) / factor)
      }
      switch rule {
      case "none": return frequency
      case "llama3": return mixed((context * frequency / (2 * .pi) - low) / (high - low))
      default:
        let width = ramp.first == ramp.last ? 1 : ramp.last - ramp.first
        return mixed(1 - (Wide(pair) - ramp.first) / width)
      }
    }

    /// The units that it adds to the `own` ones of a frequency.
    func units(beside own: Wide) -> Wide {
      if divisors != nil { return 2 }
      func mixed(_ share: Wide) -> Wide {
        (share * (1 - 1 / factor).magnitude + 6 * max(1, 1 / factor)) / min(1, 1 / factor) + 3
      }
      switch rule {
      case "none": return 0
      case "llama3": return mixed(high / (high - low) * (own + 5) + 3)
      case "yarn": return mixed(1)
      default:
        let (fast, slow) = (Foundation.log(high), Foundation.log(low))
        return mixed((own + 4 + 26 * max(fast.magnitude, slow.magnitude)) / (fast - slow) + 3)
      }
    }
  }
#endif
