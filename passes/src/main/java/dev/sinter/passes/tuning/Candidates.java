package dev.sinter.passes.tuning;

import dev.sinter.ir.kernel.CpuTier;
import dev.sinter.ir.kernel.CpuTier.Tile;
import dev.sinter.passes.tuning.ProductTile.Walk;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/// The tiles of a product that are worth being measured: those that an estimate takes for the
/// fastest, tiles that nobody has measured for its tier included.
public final class Candidates {
  /// Rows beyond which a tile's loads no longer matter.
  private static final int ROWS = 12;

  /// Vectors of a tile of several rows, and of one row.
  private static final int VECTORS = 4;

  private static final int VECTORS_OF_ONE_ROW = 8;

  /// Accumulators that keep two units for multiply-adds busy.
  private static final double CHAINS = 9;

  /// Multiply-adds in the time of a load and a broadcast.
  private static final double LOADS = 1.33;

  /// The speed of a tile whose accumulators are enough, in the parts of [Tile#speed].
  private static final double FULL = 95;

  private Candidates() {}

  /// The tiles for `shape`; the first is the one that is estimated to be the fastest.
  ///
  /// @param most how many tiles that differ in size: each is a method more for the JIT, which takes
  ///   it up to half a second
  public static List<ProductTile> of(ProductShape shape, int most) {
    OptionalLong rows = number(shape.rows());
    OptionalLong columns = number(shape.columns());
    ProductTile estimated =
        ProductTile.estimated(shape.tier(), rows, columns, shape.depth().size(), shape.together());
    List<Tile> tiles = new ArrayList<>(all(shape));
    tiles.sort(Comparator.comparingDouble(tile -> shape.tier().time(tile, rows, columns)));
    Set<ProductTile> chosen = new LinkedHashSet<>(List.of(estimated));
    for (Tile tile : tiles) {
      if (chosen.size() < most) {
        chosen.add(new ProductTile(tile.rows(), tile.vectors(), Walk.DOWN));
      }
    }
    if (shape.rows() != 1) {
      // These share the tiles of the first two, and so cost the JIT nothing.
      for (ProductTile tile : List.copyOf(chosen).subList(0, Math.min(2, chosen.size()))) {
        chosen.add(new ProductTile(tile.rows(), tile.vectors(), Walk.ACROSS));
      }
    }
    return List.copyOf(chosen);
  }

  private static OptionalLong number(long size) {
    return size == ProductShape.OPEN ? OptionalLong.empty() : OptionalLong.of(size);
  }

  /// Every tile that the registers hold, with the speed that was measured for it or follows from
  /// its accumulators and loads.
  private static List<Tile> all(ProductShape shape) {
    CpuTier tier = shape.tier();
    List<Tile> all = new ArrayList<>();
    for (int rows = 1; rows <= (shape.rows() == 1 ? 1 : ROWS); rows++) {
      for (int vectors = 1; vectors <= (rows == 1 ? VECTORS_OF_ONE_ROW : VECTORS); vectors++) {
        Tile tile = new Tile(rows, vectors, speed(tier, rows, vectors));
        boolean larger = shape.rows() != ProductShape.OPEN && rows > shape.rows();
        if (!larger
            && vectors % shape.together() == 0
            && tier.holds(tile, shape.depth().size(), shape.together())
            && new ProductTile(rows, vectors, Walk.DOWN).fault(tier).isEmpty()) {
          all.add(tile);
        }
      }
    }
    return all;
  }

  private static int speed(CpuTier tier, int rows, int vectors) {
    for (Tile tile : tier.tiles()) {
      if (tile.rows() == rows && tile.vectors() == vectors) {
        return tile.speed();
      }
    }
    double busy = Math.min(1, rows * vectors / CHAINS);
    double loads = Math.min(1, LOADS * rows * vectors / (rows + vectors));
    return (int) Math.max(1, FULL * busy * loads);
  }
}
