package dev.sinter.passes.tuning;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// What was measured to be fastest, for products on each tier and for convolutions.
///
/// @param tiles the tile of each product that was measured
/// @param ways how each convolution that was measured is done
public record ScheduleTable(
    Map<ProductShape, ProductTile> tiles, Map<ConvolutionShape, ConvolutionWay> ways)
    implements Choices {
  /// Nothing was measured.
  public static final ScheduleTable EMPTY = new ScheduleTable(Map.of(), Map.of());

  public ScheduleTable {
    tiles = Map.copyOf(tiles);
    ways = Map.copyOf(ways);
  }

  @Override
  public Optional<ProductTile> tile(ProductShape shape) {
    return Optional.ofNullable(tiles.get(shape));
  }

  @Override
  public Optional<ConvolutionWay> way(ConvolutionShape shape) {
    return Optional.ofNullable(ways.get(shape));
  }

  /// How many entries there are.
  public int size() {
    return tiles.size() + ways.size();
  }

  /// This with one more product, or another tile for it.
  public ScheduleTable with(ProductShape shape, ProductTile tile) {
    Map<ProductShape, ProductTile> more = new LinkedHashMap<>(tiles);
    more.put(shape, tile);
    return new ScheduleTable(more, ways);
  }

  /// This with one more convolution, or another way for it.
  public ScheduleTable with(ConvolutionShape shape, ConvolutionWay way) {
    Map<ConvolutionShape, ConvolutionWay> more = new LinkedHashMap<>(ways);
    more.put(shape, way);
    return new ScheduleTable(tiles, more);
  }
}
