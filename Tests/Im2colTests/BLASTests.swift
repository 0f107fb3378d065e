import CBLASShim
import Im2col
import Testing

@Suite struct BLASTests {
  @Test("The OpenBLAS of this process is usable and reports its version and core")
  func thisProcess() throws {
    try BLAS.requireUsable()
    #expect(BLAS.version.hasPrefix("OpenBLAS "))
    #expect(!BLAS.version.hasSuffix(" "))
    #expect(!BLAS.coreName.isEmpty)
    #expect(cblas_shim_use_one_thread() == 1)
  }

  @Test("Unsafe flavors are refused with the command that fixes it")
  func flavors() {
    let version = "OpenBLAS 9.9"
    #expect(BLAS.flavorFault(cblas_shim_pthreads, threads: 1, version: version) == nil)
    let faults = [
      (BLAS.flavorFault(cblas_shim_serial, threads: 1, version: version), "without threads"),
      (BLAS.flavorFault(cblas_shim_openmp, threads: 1, version: version), "OpenMP"),
      (BLAS.flavorFault(cblas_shim_pthreads, threads: 4, version: version), "4 threads"),
    ]
    for (fault, words) in faults {
      let text = fault?.description ?? ""
      #expect(text.contains(words) && text.contains(version) && text.contains("apt-get install"), "\(text)")
    }
  }

  /// Faults that a BLAS has had or could have.
  enum Fault: CaseIterable, Sendable {
    case leavesResultUnchanged, zeros, lastElementOff, ignoresTransposedLeft, ignoresTransposedRight
    case overwritesWhereItShouldAdd, addsWhereItShouldOverwrite, skipsLastTerm
  }

  @Test("A wrong product is detected", arguments: Fault.allCases)
  func wrongProduct(_ planted: Fault) {
    let fault = BLASSelfTest.firstFault(core: "TestCore", version: "OpenBLAS 9.9") {
      rows, columns, terms, left, right, result, rowStride, accumulate in
      var (left, right, terms, accumulate) = (left, right, terms, accumulate)
      switch planted {
      case .leavesResultUnchanged: return
      case .zeros:
        for index in 0..<rows * columns { result[index] = 0 }
        return
      case .ignoresTransposedLeft:
        if left.transposed { left = BLAS.Matrix(left.start, rowStride: terms) }
      case .ignoresTransposedRight:
        if right.transposed { right = BLAS.Matrix(right.start, rowStride: columns) }
      case .overwritesWhereItShouldAdd: accumulate = false
      case .addsWhereItShouldOverwrite:
        if !accumulate { for index in 0..<rows * columns { result[index] = 1 } }
        accumulate = true
      case .skipsLastTerm: terms -= 1
      case .lastElementOff: break
      }
      naive(rows, columns, terms, left, right, result, rowStride, accumulate)
      if planted == .lastElementOff { result[rows * columns - 1] += 1 }
    }
    guard case .wrongProduct(_, _, let expected, let actual, let core, _) = fault else {
      Issue.record("\(planted) was not detected")
      return
    }
    #expect(expected != actual)
    #expect(core == "TestCore")
    #expect(fault?.description.contains("OPENBLAS_CORETYPE") == true)
  }

  @Test("A correct product passes")
  func sound() {
    #expect(BLASSelfTest.firstFault(core: "", version: "", multiply: naive) == nil)
  }

  @Test("The shim refuses sizes and leading dimensions instead of printing a warning")
  func shim() {
    let a = [Float](repeating: 1, count: 64)
    var c = [Float](repeating: 7, count: 64)
    func call(
      _ m: Int64, _ n: Int64, _ k: Int64, _ lda: Int64, _ ldb: Int64, _ ldc: Int64, ta: Int32 = 0,
      tb: Int32 = 0
    ) -> cblas_shim_status {
      cblas_shim_sgemm(ta, tb, m, n, k, 1, a, lda, a, ldb, 0, &c, ldc)
    }
    let tooLarge = Int64(Int32.max) + 1
    for (m, n, k) in [
      (0, 2, 3), (2, 0, 3), (2, 2, 0), (-1, 2, 3), (tooLarge, 2, 3), (2, tooLarge, 3), (2, 2, tooLarge),
      (Int64.max, 2, 3), (Int64.min, 2, 3),
    ] as [(Int64, Int64, Int64)] {
      #expect(
        call(m, n, k, tooLarge - 1, tooLarge - 1, tooLarge - 1) == cblas_shim_bad_size, "\(m) \(n) \(k)")
    }
    for (lda, ldb, ldc) in [
      (2, 5, 5), (3, 4, 5), (3, 5, 4), (0, 5, 5), (tooLarge, 5, 5), (3, tooLarge, 5), (3, 5, tooLarge),
      (-3, 5, 5),
    ] as [(Int64, Int64, Int64)] {
      #expect(call(2, 5, 3, lda, ldb, ldc) == cblas_shim_bad_leading_dimension, "\(lda) \(ldb) \(ldc)")
    }
    // Transposed operands are stored with rows of length m and k.
    #expect(call(4, 5, 3, 3, 5, 5, ta: 1) == cblas_shim_bad_leading_dimension)
    #expect(call(4, 5, 3, 3, 2, 5, tb: 1) == cblas_shim_bad_leading_dimension)
    #expect(c.allSatisfy { $0 == 7 })
    #expect(call(4, 5, 3, 4, 3, 5, ta: 1, tb: 1) == cblas_shim_ok)
    #expect(c[0..<20].allSatisfy { $0 == 3 } && c[20...].allSatisfy { $0 == 7 })
  }
}

/// A product by three loops, which reads only the elements of the factors.
private func naive(
  _ rows: Int, _ columns: Int, _ terms: Int, _ left: BLAS.Matrix, _ right: BLAS.Matrix,
  _ result: UnsafeMutablePointer<Float>, _ rowStride: Int, _ accumulate: Bool
) {
  for row in 0..<rows {
    for column in 0..<columns {
      var sum = accumulate ? result[row * rowStride + column] : 0
      for term in 0..<terms {
        let a = left.start[left.transposed ? term * left.rowStride + row : row * left.rowStride + term]
        let b = right.start[
          right.transposed ? column * right.rowStride + term : term * right.rowStride + column]
        sum += a * b
      }
      result[row * rowStride + column] = sum
    }
  }
}
