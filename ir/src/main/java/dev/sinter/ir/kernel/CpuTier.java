package dev.sinter.ir.kernel;

import java.util.List;

/// The machines that kernels for the CPU are emitted for; a JAR carries all and picks one at load.
///
/// The number of vector registers decides the tile of a product; the width of a vector is only
/// known at load. Source of the tiles: measurements of spilling in C2, see `docs/CPU.md`.
public enum CpuTier {
  /// 32 vector registers, as AVX-512 and NEON have.
  REGISTERS_32(16, new Tile(8, 2, 115), new Tile(8, 1, 86)),
  /// 16 vector registers, as AVX2 has.
  REGISTERS_16(8, new Tile(3, 3, 92), new Tile(5, 2, 81), new Tile(6, 1, 54)),
  /// No Vector API: one lane.
  SCALAR(1, new Tile(4, 2, 1));

  /// The accumulators of a product: rows, and vectors in each row.
  ///
  /// @param speed how fast products are with it, beside the other tiles of the tier
  public record Tile(int rows, int vectors, int speed) {}

  private final int typicalLanes;
  private final List<Tile> tiles;

  CpuTier(int typicalLanes, Tile... tiles) {
    this.typicalLanes = typicalLanes;
    this.tiles = List.of(tiles);
  }

  /// The tile for rows of unknown length: the widest.
  public Tile tile() {
    return tiles.getFirst();
  }

  /// The tile that is fastest for rows of `length` elements, the vectors included that the last
  /// tile of a row leaves idle, given the lanes that such machines have as a rule.
  public Tile tile(long length) {
    long vectors = Math.ceilDiv(length, typicalLanes);
    Tile best = tile();
    for (Tile tile : tiles) {
      if (time(tile, vectors) < time(best, vectors)) {
        best = tile;
      }
    }
    return best;
  }

  private static double time(Tile tile, long vectors) {
    return (double) Math.ceilDiv(vectors, tile.vectors()) * tile.vectors() / tile.speed();
  }
}
