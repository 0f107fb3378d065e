import Im2col
import Testing

@Suite struct AvailableCoresTests {
  @Test(
    "CPUs in the affinity mask of a process status",
    arguments: [
      ("Cpus_allowed:\t3\n", 2),
      ("Name:\tx\nCpus_allowed:\tff\nCpus_allowed_list:\t0-7\n", 8),
      ("Cpus_allowed:\t3,ffffffff\n", 34),
      ("Cpus_allowed:\t80000000,00000000,00000001\n", 2),
      ("Cpus_allowed_list:\t0-7\n", nil),
      ("Cpus_allowed:\t0\n", nil),
      ("Cpus_allowed:\t\n", nil),
      ("", nil),
    ] as [(String, Int?)])
  func mask(text: String, expected: Int?) {
    #expect(AvailableCores.allowedCPUs(inStatus: text) == expected)
  }

  @Test(
    "Whole cores that a control group grants, rounded up",
    arguments: [
      ("150000 100000\n", 2),
      ("200000 100000", 2),
      ("200001 100000", 3),
      ("1000 100000", 1),
      ("9223372036854775807 1", Int.max),
      ("max 100000\n", nil),
      ("-1\n 100000\n", nil),
      ("0 100000", nil),
      ("100000 0", nil),
      ("100000", nil),
      ("1 2 3", nil),
      ("99999999999999999999 100000", nil),
      ("", nil),
      (nil, nil),
    ] as [(String?, Int?)])
  func quota(text: String?, expected: Int?) {
    #expect(AvailableCores.quota(ofLimit: text) == expected)
  }

  @Test(
    "The control groups of a process, innermost first",
    arguments: [
      ("0::/a/b\n", ["/a/b", "/a", ""]), ("0::/\n", [""]), ("12:cpu:/x\n0::/y.slice", ["/y.slice", ""]),
      ("12:cpu:/x\n", [""]), ("", [""]),
    ] as [(String, [String])])
  func groups(text: String, expected: [String]) {
    #expect(AvailableCores.groups(inList: text) == expected)
  }

  @Test("This process has at least one core, and no more than its affinity mask")
  func thisProcess() {
    #expect(AvailableCores.count >= 1)
    #expect(AvailableCores.count <= AvailableCores.affinity)
    #expect((1...Workers.limit).contains(Workers.availableCores))
  }
}
