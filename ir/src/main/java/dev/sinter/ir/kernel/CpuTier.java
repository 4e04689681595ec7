package dev.sinter.ir.kernel;

import dev.sinter.runtime.KernelTier;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// The machines that kernels for the CPU are emitted for; a JAR carries all and picks one at load.
///
/// The number of vector registers decides the tile of a product; the width of a vector is only
/// known at load. Source of the tiles: measurements of spilling in C2, see `docs/CPU.md`.
public enum CpuTier {
  /// 32 vector registers, as AVX-512 and NEON have.
  REGISTERS_32(
      32,
      16,
      new Tile(6, 4, 96),
      new Tile(7, 2, 89),
      new Tile(6, 3, 91),
      new Tile(8, 2, 90),
      new Tile(5, 4, 90),
      new Tile(4, 4, 84),
      new Tile(5, 3, 82),
      new Tile(6, 2, 82),
      new Tile(3, 4, 72),
      new Tile(4, 3, 78),
      new Tile(5, 2, 75),
      new Tile(4, 2, 73),
      new Tile(10, 1, 72),
      new Tile(8, 1, 70),
      new Tile(3, 2, 66),
      new Tile(6, 1, 62),
      new Tile(2, 4, 60),
      new Tile(1, 4, 38)),
  /// 16 vector registers, as AVX2 has.
  REGISTERS_16(
      16,
      8,
      new Tile(6, 2, 92),
      new Tile(5, 2, 90),
      new Tile(4, 2, 85),
      new Tile(3, 3, 88),
      new Tile(2, 4, 82),
      new Tile(2, 3, 65),
      new Tile(1, 4, 47),
      new Tile(8, 1, 63),
      new Tile(7, 1, 60),
      new Tile(6, 1, 57)),
  /// No Vector API: one lane.
  SCALAR(1, 1, new Tile(4, 2, 1));

  /// The accumulators of a product: rows, and vectors in each row.
  ///
  /// @param speed how fast products are with it, beside the other tiles of the tier
  public record Tile(int rows, int vectors, int speed) {}

  /// More rows, each with a scalar, are too much code beside widened integers.
  private static final int MOST_ROWS_WIDENED = 7;

  private final int registers;
  private final int typicalLanes;
  private final List<Tile> tiles;

  CpuTier(int registers, int typicalLanes, Tile... tiles) {
    this.registers = registers;
    this.typicalLanes = typicalLanes;
    this.tiles = List.of(tiles);
  }

  /// What a JVM that chose `tier` runs.
  public static CpuTier of(KernelTier tier) {
    return valueOf(tier.name());
  }

  /// The tier that [#text] calls `text`.
  public static Optional<CpuTier> parse(String text) {
    return Arrays.stream(values()).filter(tier -> tier.text().equals(text)).findFirst();
  }

  /// Its name wherever people read one, the same as the runtime's: `32`, `16` or `scalar`.
  public String text() {
    return KernelTier.valueOf(name()).text();
  }

  /// The vector registers of such machines.
  public int registers() {
    return registers;
  }

  /// The tiles that were measured, whatever the product.
  public List<Tile> tiles() {
    return tiles;
  }

  /// The tile that is fastest for `rows` rows of `length` elements, what tiles at the end leave
  /// idle or do twice included, given the lanes that such machines have as a rule; a number that is
  /// not known is taken for a large one.
  ///
  /// @param loops how many loops, one in the other, the sum of a product has
  /// @param together how many vectors of the right operand lie in one of integers: a tile has all
  ///   of them or none, so that its code says which
  public Tile tile(OptionalLong rows, OptionalLong length, int loops, int together) {
    return tiles.stream()
        .filter(tile -> this == SCALAR || tile.vectors() % together == 0)
        .filter(tile -> holds(tile, loops, together))
        .min(Comparator.comparingDouble(tile -> time(tile, rows, length)))
        .orElseThrow();
  }

  /// Whether the registers hold the sums of a tile with what else a turn needs, and C2 all of its
  /// operations. What the registers do not hold is in memory all the time, and what C2 does not
  /// inline makes objects; source: `docs/CPU.md`.
  ///
  /// @param loops how many loops, one in the other, the sum of a product has
  /// @param together how many vectors of the right operand lie in one of integers
  public boolean holds(Tile tile, int loops, int together) {
    if (this == SCALAR) {
      return true;
    }
    if (together > 1 && tile.rows() > MOST_ROWS_WIDENED) {
      return false;
    }
    boolean plain = loops <= 1 && together == 1;
    int scalars = plain || this != REGISTERS_32 ? 1 : tile.rows();
    // The integers, and the bits of one of them.
    int widening = together == 1 ? 0 : 2;
    return tile.rows() * tile.vectors() + tile.vectors() + scalars + widening <= registers;
  }

  /// The time that one row's vector takes, about, in parts of what the tile's speed is given in.
  public double time(Tile tile, OptionalLong rows, OptionalLong length) {
    double down =
        rows.isEmpty() || rows.getAsLong() == 0 ? 1 : waste(tile.rows(), rows.getAsLong());
    if (length.isEmpty() || length.getAsLong() == 0) {
      return down / tile.speed();
    }
    long all = Math.ceilDiv(length.getAsLong(), typicalLanes);
    int rest = (int) (all % tile.vectors());
    double whole = (double) (all - rest) / tile.speed();
    return down * (whole + end(tile, rest)) / all;
  }

  /// The time of a row's last vectors, which have a tile of their own.
  private double end(Tile tile, int vectors) {
    for (Tile other : tiles) {
      if (other.rows() == tile.rows() && other.vectors() == vectors) {
        return (double) vectors / other.speed();
      }
    }
    return vectors == 0 ? 0 : (double) tile.vectors() / tile.speed();
  }

  /// What tiles of `size` do of `all`, as a multiple of it.
  private static double waste(int size, long all) {
    return (double) Math.ceilDiv(all, size) * size / all;
  }
}
