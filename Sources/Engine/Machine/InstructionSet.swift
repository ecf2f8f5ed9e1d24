internal import CKernels

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

extension Engine {
  /// The vector instructions that the kernels are compiled for.
  ///
  /// All that fuse multiply-add give the same bits; `portable` rounds products and sums separately and differs.
  package enum InstructionSet: String, Sendable, CaseIterable {
    /// The instructions that every processor has; no fused multiply-add.
    case portable
    /// AVX2 and FMA (x86-64).
    case avx2
    /// AVX-512 F, DQ, BW and VL (x86-64).
    case avx512
    /// Advanced SIMD (arm64).
    case neon

    /// The environment variable that forces an instruction set.
    package static let environmentVariable = "PLUMB_ISA"

    /// Whether this build and this processor have it.
    package var isSupported: Bool { unsafe plumb_kernels_for(index) != nil }

    /// The instruction sets that this build and this processor have.
    package static var supported: [InstructionSet] { allCases.filter(\.isSupported) }

    /// The one that a pass uses unless told otherwise: the forced one where that is valid, else the fastest.
    package static let current = (try? requested(environment)) ?? fastest

    /// The one that `PLUMB_ISA` forces, or the fastest where it is unset.
    ///
    /// Throws when the variable names none that this machine supports.
    package static func fromEnvironment() throws(InstructionSetError) -> InstructionSet { try requested(environment) }

    /// The one called `name`, or the fastest for `nil`.
    ///
    /// Throws when there is none of that name, or this machine does not support it.
    package static func requested(_ name: String?) throws(InstructionSetError) -> InstructionSet {
      guard let name else { return fastest }
      guard let set = InstructionSet(rawValue: name) else { throw .unknown(name: name) }
      guard set.isSupported else { throw .unsupported(set) }
      return set
    }

    /// The tree along which sums are added.
    package var summation: SummationTree { SummationTree(lanes: 16, fused: self != .portable) }

    private static var fastest: InstructionSet { [.avx512, .avx2, .neon].first(where: \.isSupported) ?? .portable }

    private static var environment: String? {
      // Sound: getenv returns nil or a terminated string, which is copied at once.
      unsafe getenv(environmentVariable).map { unsafe String(cString: $0) }
    }

    /// The kernels' name for it.
    var index: plumb_instruction_set {
      switch self {
      case .portable: PLUMB_PORTABLE
      case .avx2: PLUMB_AVX2
      case .avx512: PLUMB_AVX512
      case .neon: PLUMB_NEON
      }
    }
  }

  /// The reason why an instruction set cannot be used.
  package enum InstructionSetError: Error, Sendable, Hashable, CustomStringConvertible {
    /// There is none called `name`.
    case unknown(name: String)
    /// The build or the processor lacks it.
    case unsupported(InstructionSet)

    /// One line: what is wrong, and what to do.
    package var description: String {
      let choices = InstructionSet.supported.map(\.rawValue).joined(separator: ", ")
      let remedy = "use one of \(choices), or unset \(InstructionSet.environmentVariable)"
      return switch self {
      case .unknown(let name): "there is no instruction set '\(name)': \(remedy)"
      case .unsupported(let set): "this machine has no \(set.rawValue): \(remedy)"
      }
    }
  }

  /// The tree along which the engine adds up sums on this machine.
  package static var summation: SummationTree { InstructionSet.current.summation }
}
