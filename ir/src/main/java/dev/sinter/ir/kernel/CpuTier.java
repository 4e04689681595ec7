package dev.sinter.ir.kernel;

/// The machines that kernels for the CPU are emitted for; a JAR carries all and picks one at load.
///
/// The number of vector registers decides the tile of a contraction; the width of a vector is only
/// known at load. Source of the tiles: measurements of spilling in C2, see `docs/CPU.md`.
public enum CpuTier {
  /// 32 vector registers, as AVX-512 and NEON have.
  REGISTERS_32(8, 2),
  /// 16 vector registers, as AVX2 has.
  REGISTERS_16(4, 2),
  /// No Vector API: one lane.
  SCALAR(4, 2);

  private final int tileRows;
  private final int tileVectors;

  CpuTier(int tileRows, int tileVectors) {
    this.tileRows = tileRows;
    this.tileVectors = tileVectors;
  }

  /// The rows of a contraction's register tile.
  public int tileRows() {
    return tileRows;
  }

  /// The vectors in a row of a contraction's register tile.
  public int tileVectors() {
    return tileVectors;
  }
}
