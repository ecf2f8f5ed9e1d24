import PlumbModel
import Testing

@testable import PlumbEngine

/// The engine's own elementary functions against mpmath (300 bits), within the errors that they declare.
///
/// A row holds an argument and, for each result, the nearest Double and what is left, rounded to a Double: the table is
/// exact to 2⁻¹⁰⁶ of the value. Arguments are the ends of the domain, the joints of the argument reduction, hard cases
/// near multiples of π/2, and random numbers (Python's random.seed(3)).
@Suite struct ElementaryTests {
  /// |computed − (nearest + rest)|: the difference of two close Doubles is exact.
  private func error(_ computed: Double, _ nearest: Double, _ rest: Double) -> Double {
    ((computed - nearest) - rest).magnitude
  }

  @Test(arguments: exponentials) func exponential(_ row: [Double]) {
    #expect(error(Engine.exponential(row[0]), row[1], row[2]) <= EngineAccuracy.exp64 * row[1])
  }

  @Test(arguments: sines) func `sine and cosine`(_ row: [Double]) {
    for sign in [1.0, -1] {
      let result = Engine.sineCosine(sign * row[0])
      #expect(error(result.sine, sign * row[1], sign * row[2]) <= EngineAccuracy.sineCosine)
      #expect(error(result.cosine, row[3], row[4]) <= EngineAccuracy.sineCosine)
    }
  }

  @Test(arguments: logarithms) func logarithm(_ row: [Double]) {
    #expect(error(Engine.logarithm(row[0]), row[1], row[2]) <= EngineAccuracy.log64 * row[1].magnitude)
  }

  @Test(arguments: tangents) func `hyperbolic tangent`(_ row: [Double]) {
    for sign in [1.0, -1] {
      let computed = Engine.hyperbolicTangent(sign * row[0])
      #expect(error(computed, sign * row[1], sign * row[2]) <= EngineAccuracy.tanh64 * row[1])
    }
  }

  @Test func `soft caps`() {
    #expect(Engine.softCapped([0, .infinity, -.infinity, 3e38, -3e38], 30) == [0, 30, -30, 30, -30])
    #expect(Engine.softCapped([-0.0], 30)[0].sign == .minus && Engine.softCapped([.nan], 30)[0].isNaN)
    #expect(Engine.softCapped([.leastNonzeroMagnitude], 1) == [.leastNonzeroMagnitude])
    #expect(Engine.softCapped([1], .leastNonzeroMagnitude) == [.leastNonzeroMagnitude])
  }

  @Test func `values that are exact`() {
    #expect(Engine.exponential(0) == 1 && Engine.exponential(-0.0) == 1)
    #expect(Engine.exponential((-708.0).nextUp) > 0 && Engine.exponential((-708.0).nextDown) == 0)
    #expect(Engine.exponential(-.infinity) == 0 && Engine.exponential(.nan).isNaN)
    #expect(Engine.logarithm(1) == 0)
    #expect(Engine.sineCosine(0) == (0, 1))
    #expect(Engine.sineCosine(0x1p24.nextUp).sine.isNaN && Engine.sineCosine(.infinity).cosine.isNaN)
  }

  /// Nothing is declared where a proof ends: no bound survives an error that is greater than every Float32.
  @Test func `accuracies are declared for as many terms as they are proved for`() {
    let limits: [((Int) -> Double, Int)] = [
      (Engine.rmsNormRelativeError, 1 << 24), (Engine.softmaxRelativeError, 1 << 24),
      (Engine.logSoftmaxRelativeError, 1 << 24), (Engine.samplingRelativeError, 1 << 24),
      (Engine.samplingMassError, 1 << 24), (Engine.cosineSimilarityError, 1 << 24),
      (Engine.layerNormRelativeError, 1 << 20), (Engine.layerNormAbsoluteError, 1 << 20),
    ]
    for (error, limit) in limits {
      #expect(error(limit - 1) < 0x1p-20 && error(limit) > Double(Float.greatestFiniteMagnitude))
    }
  }

  @Test func `the vector kernels give the bits of the portable one`() {
    // Softmax and SiLU under every set use the same exponential; so the results agree bit for bit.
    var random = SplitMix64(seed: 81)
    let x = random.activation([3, 101], exponents: -30...6)
    let softmax = Engine.InstructionSet.supported.map { bits(Engine.softmax(x, instructionSet: $0)) }
    let silu = Engine.InstructionSet.supported.map { bits(Engine.silu(x, instructionSet: $0)) }
    #expect(softmax.allSatisfy { $0 == softmax[0] } && silu.allSatisfy { $0 == silu[0] })
  }

  static let exponentials: [[Double]] = [
    [-0x1.6200000000000p+9, 0x1.7c8ab2288c9abp-1022, 0],
    [-0x1.61a6666666666p+9, 0x1.7f2894d304b6cp-1021, 0],
    [-0x1.a200000000000p+6, 0x1.2dfe0b1b59fffp-151, -0x1.d857bc47a0d6fp-205],
    [-0x1.9200000000000p+5, 0x1.6b30390494d8ep-73, 0x1.ac52a90590679p-130],
    [-0x1p+0, 0x1.78b56362cef38p-2, -0x1.ca8a4270fadf5p-57],
    [-0x1.62e42fefa39efp-2, 0x1.6a09e667f3bcdp-1, -0x1.7233c057e4796p-55],
    [-0x1.62e42fefa39f0p-2, 0x1.6a09e667f3bccp-1, 0x1.23c2594027c9ep-55],
    [-0x1.12e0be826d695p-30, 0x1.fffffff768fa1p-1, -0x1.003e3b2b92095p-55],
    [0x1.56e1fc2f8f359p-997, 0x1p+0, 0],
    [0x1.999999999999ap-4, 0x1.1aec7b35a00d4p+0, -0x1.77d498b0e382ap-54],
    [0x1p-1, 0x1.a61298e1e069cp+0, -0x1.b4690082a4906p-55],
    [0x1p+0, 0x1.5bf0a8b145769p+1, 0x1.4d57ee2b1013ap-53],
    [0x1.bb9d3beb8c86bp+1, 0x1p+5, -0x1.6bc5ca07e04f0p-53],
    [0x1.62ccccccccccdp+6, 0x1.f4705bbffae5cp+127, -0x1.15587b1bf5d2cp+71],
    [0x1.2c1999999999ap+8, 0x1.ef839024b01d7p+432, -0x1.f8f598492969ep+378],
    [0x1.6280000000000p+9, 0x1.d422d2be5dc9bp+1022, -0x1.916aa7a2c8d07p+967],
    [-0x1.6ed97a4749b00p+8, 0x1.adf255ed2cafbp-530, 0x1.8d50dbe837538p-585],
    [0x1.ef5e08e697870p+5, 0x1.4276f9085d336p+89, -0x1.eb98e8167fdf4p+34],
    [-0x1.6c2022f96b588p+7, 0x1.43cc397bc20e0p-263, -0x1.49581d52ed851p-320],
    [0x1.22f9e237eb324p+7, 0x1.dc0671e37bc31p+209, -0x1.d77cbf4f9841fp+155],
    [0x1.600450614c588p+7, 0x1.e69024bc773a2p+253, 0x1.99919505f9a47p+199],
    [-0x1.30213a7a02922p+9, 0x1.61d36c80edf33p-878, -0x1.5a9a56d8a324cp-934],
  ]

  static let sines: [[Double]] = [
    [0x1.4484bfeebc2a0p-100, 0x1.4484bfeebc2a0p-100, -0x1.5ba775b76bdebp-302, 0x1p+0, -0x1.9b604aaaca627p-201],
    [0x1p-1, 0x1.eaee8744b05f0p-2, -0x1.789b43c9b027dp-58, 0x1.c1528065b7d50p-1, -0x1.892111312e828p-55],
    [0x1.921fb54442d18p-1, 0x1.6a09e667f3bccp-1, 0x1.7a7fb8d4bd43fp-55, 0x1.6a09e667f3bcdp-1, -0x1.ec4c7696139d5p-56],
    [0x1.921fb54442d19p-1, 0x1.6a09e667f3bcdp-1, 0x1.3a4e169292f60p-57, 0x1.6a09e667f3bccp-1, 0x1.ae2fbf2875bdep-58],
    [0x1.921fb54442d18p+0, 0x1p+0, -0x1.377ce858a5d48p-109, 0x1.1a62633145c07p-54, -0x1.f1976b7ed8fbcp-110],
    [0x1.921fb54442d18p+1, 0x1.1a62633145c07p-53, -0x1.f1976b7ed8fbdp-109, -0x1p+0, 0x1.377ce858a5d48p-107],
    [
      0x1.6000000000000p+4, -0x1.220a29f6eb9f4p-7, 0x1.504b8bc40d505p-62,
      -0x1.fffadd8d4acdap-1, -0x1.f6b2aa0db6ecdp-61,
    ],
    [
      -0x1.6300000000000p+9, -0x1.f9bd0303f6fafp-15, -0x1.203af947a249cp-70,
      0x1.fffffff063930p-1, -0x1.8253939253a8ep-55,
    ],
    [
      0x1.9639000000000p+16, -0x1.40efdf1eb8de7p-16, 0x1.f636eaa54141cp-70,
      0x1.fffffffe6da77p-1, 0x1.7035e9b2fcdecp-57,
    ],
    [0x1p+24, -0x1.8f22f8433d6eep-1, 0x1.65b50069ddae8p-61, 0x1.40ad67f3f0c9ap-1, 0x1.43963c9c96dbdp-57],
    [
      -0x1.fffffe0000000p+23, 0x1.e57ec09221973p-1, 0x1.5434795e6373cp-55,
      -0x1.4532c3721ed43p-2, -0x1.0eb623baa2423p-56,
    ],
    [
      0x1.6300000000000p+8, -0x1.f9bd0307d1de3p-16, 0x1.894874d2528d2p-70,
      -0x1.fffffffc18e4cp-1, 0x1.862265016699cp-57,
    ],
    [
      0x1.7fe61baa1511ep+12, -0x1.137aa74423df4p-1, -0x1.ed3faa5e1d81ap-55,
      -0x1.af92b05ae9e09p-1, -0x1.ba5f045eebcc7p-55,
    ],
    [
      0x1.04ccbc0000000p+22, -0x1.270da18b197e3p-21, 0x1.6847d878fceb4p-75,
      0x1.ffffffffffab0p-1, -0x1.06b0862edd9d6p-55,
    ],
    [
      0x1.af7d1e8a85280p+17, -0x1.7d406a188541ep-1, -0x1.38c94af8fa8efp-55,
      0x1.55bf4db6b4837p-1, -0x1.a962d25b3389dp-57,
    ],
    [
      0x1.acc8bf5e07e71p+23, -0x1.854ffbadcd682p-2, 0x1.ce4545672074fp-57,
      -0x1.d98db4ee39e72p-1, 0x1.acd85506a76dfp-55,
    ],
    [
      0x1.09941946801c6p+22, 0x1.0a306e81c8f65p-1, 0x1.cbf60fbcfb475p-55,
      0x1.b55d32bfc7f04p-1, -0x1.e2eed11591608p-56,
    ],
    [
      0x1.dfe8e93116240p+21, 0x1.447594124e449p-1, 0x1.ca4fb552e07e8p-56,
      0x1.8c1181effd4fap-1, -0x1.e7faa3c881df3p-57,
    ],
    [
      0x1.fdc528ede5c0ep+23, -0x1.e89d1fd62f76ep-1, 0x1.68eeb8b0c5f7dp-55,
      0x1.31f1ebe83e74ep-2, 0x1.de7831479ae0cp-57,
    ],
    [
      0x1.e18cc1c53ea1cp+22, -0x1.fdac04e8cd256p-1, 0x1.3e32a34092320p-55,
      -0x1.8628c317b8e37p-4, -0x1.2c82586a28a0ap-59,
    ],
  ]

  static let logarithms: [[Double]] = [
    [0x1.3880000000000p+13, 0x1.26bb1bbb55516p+3, -0x1.f48ad494ea3e9p-51],
    [0x1.e848000000000p+18, 0x1.a3ea669a05c01p+3, 0x1.43d1720303e20p-51],
    [0x1.e848000000000p+19, 0x1.ba18a998fffa0p+3, 0x1.112fc120a0a22p-51],
    [0x1.86a0000000000p+16, 0x1.7069e2aa2aa5bp+3, -0x1.c6b626e89338fp-53],
    [0x1.6a09e60000000p+0, 0x1.62e42ec99e42ap-2, -0x1.148034190a710p-58],
    [0x1.6a09e80000000p+0, 0x1.62e43471c5d9ep-2, -0x1.7697fb0a58ca0p-58],
    [0x1.6a09e60000000p-1, -0x1.62e43115a8fb4p-2, -0x1.f0e9f0b9daa03p-56],
    [0x1.0000020000000p+0, 0x1.fffffe000002bp-24, -0x1.5556555553bbcp-78],
    [0x1.fffffe0000000p-1, -0x1.0000008000005p-24, -0x1.5555655555622p-78],
    [0x1p+1, 0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56],
    [0x1p-1, -0x1.62e42fefa39efp-1, -0x1.abc9e3b39803fp-56],
    [0x1p-149, -0x1.9d1d9fccf4770p+6, -0x1.d0fc8187877a5p-48],
    [0x1p-126, -0x1.5d589f2fe5107p+6, -0x1.e28d5e1264d1fp-48],
    [0x1.fffffe0000000p+127, 0x1.62e42feba39efp+6, 0x1.5793c611dab19p-50],
    [0x1.8000000000000p+1, 0x1.193ea7aad030bp+0, -0x1.a256f99caabebp-54],
  ]

  static let tangents: [[Double]] = [
    [0x1.0000000000000p-1000, 0x1.0000000000000p-1000, 0],
    [0x1.12e0be826d695p-30, 0x1.12e0be826d695p-30, -0x1.a68cd9e985016p-92],
    [0x1.999999999999ap-4, 0x1.983d7795f413ap-4, 0x1.0562af1da747bp-58],
    [0x1.0000000000000p-2, 0x1.f597ea69a1c86p-3, -0x1.d94e51c4f71acp-60],
    [0x1.0000000000000p-1, 0x1.d9353d7568af3p-2, 0x1.944a3b887196cp-56],
    [0x1.0000000000001p-1, 0x1.d9353d7568af5p-2, -0x1.08854475ec229p-59],
    [0x1.199999999999ap-1, 0x1.00442f6419203p-1, -0x1.a6f0615dc969bp-56],
    [0x1.6666666666666p-1, 0x1.356fb17af2e91p-1, -0x1.017b37671fc9fp-55],
    [0x1.0000000000000p+0, 0x1.85efab514f394p-1, 0x1.5618caf8a4f11p-55],
    [0x1.8000000000000p+0, 0x1.cf6f9786df577p-1, 0x1.834edd51ae31ep-55],
    [0x1.0000000000000p+1, 0x1.ed9505e1bc3d4p-1, -0x1.661de681e0bedp-56],
    [0x1.4000000000000p+2, 0x1.fff419668df11p-1, 0x1.a800b7186cb57p-56],
    [0x1.2000000000000p+3, 0x1.fffffefa59d78p-1, -0x1.df75af12fa18fp-56],
    [0x1.2000000000000p+4, 0x1.ffffffffffffcp-1, -0x1.6d875fbbc0c4dp-56],
    [0x1.3800000000000p+4, 0x1.0000000000000p+0, -0x1.aa0de4bf35b38p-56],
    [0x1.e000000000000p+4, 0x1.0000000000000p+0, -0x1.5ae191a99585ap-86],
    [0x1.6200000000000p+8, 0x1.0000000000000p+0, 0],
    [0x1.6300000000000p+8, 0x1.0000000000000p+0, 0],
    [0x1.7e43c8800759cp+996, 0x1.0000000000000p+0, 0],
    [0x1.e759ff97b7508p-4, 0x1.e51091f39f73dp-4, -0x1.1c43eb4a7c9cbp-59],
    [0x1.16a5368858d8dp-2, 0x1.0ff7304ca8c39p-2, -0x1.f7e3645d78e7bp-57],
    [0x1.7ad586f53dadep-3, 0x1.7692548405c53p-3, -0x1.47486175b4f8bp-58],
    [0x1.353501de56e4ap-2, 0x1.2c23c9e1fa942p-2, 0x1.48fec576bd685p-56],
    [0x1.7046cf0be182ap+0, 0x1.c96d3eea52462p-1, -0x1.00e1f9d3490fbp-59],
    [0x1.32537f7a2336cp-1, 0x1.1258d5646f6e2p-1, 0x1.4f60cf14c46cep-56],
    [0x1.0a1ceeb73f1efp-1, 0x1.e8f801dc491ecp-2, -0x1.1b0531b565c2cp-57],
    [0x1.c1968f8685ed5p+0, 0x1.e257faa8d8be6p-1, 0x1.d5c403b1b34b5p-55],
    [0x1.aac69c6f501ffp+2, 0x1.ffff93ae561aep-1, 0x1.4c21ed88b4aa3p-55],
    [0x1.8df3032b9c744p+2, 0x1.fffef55b911cfp-1, -0x1.add4f35b8ef93p-55],
  ]
}
