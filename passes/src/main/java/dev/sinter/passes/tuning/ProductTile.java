package dev.sinter.passes.tuning;

import dev.sinter.ir.kernel.CpuTier;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/// What is free about the schedule of a product: the accumulators of its register tile, and which
/// tile follows which.
///
/// @param rows the rows of a tile
/// @param vectors the vectors in each row
/// @param walk which tile comes next
public record ProductTile(int rows, int vectors, Walk walk) {
  /// More rows are no tile of any machine.
  public static final int MOST_ROWS = 16;

  /// More vectors in a row are no tile of any machine.
  public static final int MOST_VECTORS = 8;

  /// Which tile of a product follows which; threads take stretches of that order.
  public enum Walk {
    /// Down the rows, with the same columns of the right operand.
    DOWN,
    /// Along the columns, with the same rows of the left operand.
    ACROSS;

    /// The name in tables.
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// The tile that an estimate takes for the fastest.
  ///
  /// @param rows the rows of the product, if their number is known
  /// @param columns its columns, if their number is known
  /// @param loops how many loops, one in the other, its sum has
  /// @param together how many vectors of its right operand lie in one of integers
  public static ProductTile estimated(
      CpuTier tier, OptionalLong rows, OptionalLong columns, int loops, int together) {
    CpuTier.Tile tile = tier.tile(rows, columns, loops, together);
    return new ProductTile(tile.rows(), tile.vectors(), Walk.DOWN);
  }

  /// Why no kernel of `tier` can have this tile, if that is so.
  public Optional<String> fault(CpuTier tier) {
    if (rows < 1 || vectors < 1) {
      return Optional.of("a tile has a row and a vector at least");
    }
    if (rows > MOST_ROWS || vectors > MOST_VECTORS) {
      return Optional.of(
          "a tile has %d rows of %d vectors at most".formatted(MOST_ROWS, MOST_VECTORS));
    }
    int most = most(tier);
    return rows * vectors > most
        ? Optional.of(
            "a tile of %d rows of %d vectors has %d accumulators; on this tier there are %d at most"
                .formatted(rows, vectors, rows * vectors, most))
        : Optional.empty();
  }

  /// The accumulators that a tier has room for, if perhaps not for anything beside them.
  private static int most(CpuTier tier) {
    return switch (tier) {
      case REGISTERS_32 -> 24;
      case REGISTERS_16 -> 16;
      case SCALAR -> 0;
    };
  }

  /// As in a table: `6x2 down`.
  @Override
  public String toString() {
    return "%dx%d %s".formatted(rows, vectors, walk.text());
  }
}
