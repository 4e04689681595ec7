package dev.sinter.ir;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/// Some values of the symbols that obey all facts: a statement that fails for one has no proof, and
/// need not be searched for.
final class Samples {
  private static final int WANTED = 12;
  private static final int DRAWS = 60;

  private final Ranges ranges;
  private final List<Map<String, Long>> samples = new ArrayList<>();

  Samples(Elimination facts) {
    this.ranges = facts.ranges();
    List<Dim> relations = facts.relations();
    List<Axis> axes = facts.axes();
    Set<String> mentioned = new TreeSet<>();
    relations.forEach(relation -> mentioned.addAll(relation.symbols()));
    axes.forEach(axis -> mentioned.addAll(axis.extent().symbols()));
    axes.forEach(axis -> mentioned.remove(axis.symbol()));
    for (int draw = 0; draw < DRAWS && samples.size() < WANTED; draw++) {
      Random random = new Random(draw);
      Map<String, Long> values = new HashMap<>();
      for (String symbol : mentioned) {
        values.put(symbol, draw(symbol, random, draw));
      }
      if (placeAxes(axes, values, random, draw) && fits(relations, values)) {
        samples.add(values);
      }
    }
  }

  private long draw(String symbol, Random random, int draw) {
    Interval range = ranges.symbol(symbol);
    long low = range.low() == Interval.BELOW ? -3 : range.low();
    long width = draw == 0 ? 1 : draw % 3 == 0 ? 100 : draw % 3 == 1 ? 3 : 10;
    return Math.min(low + random.nextLong(width), range.high());
  }

  private static boolean placeAxes(
      List<Axis> axes, Map<String, Long> values, Random random, int draw) {
    for (Axis axis : axes) {
      OptionalLong extent = value(axis.extent(), values);
      if (extent.isEmpty() || extent.getAsLong() < 1) {
        return false;
      }
      long last = extent.getAsLong() - 1;
      values.put(
          axis.symbol(), draw % 4 == 0 ? 0 : draw % 4 == 1 ? last : random.nextLong(last + 1));
    }
    return true;
  }

  private static boolean fits(List<Dim> relations, Map<String, Long> values) {
    for (Dim relation : relations) {
      OptionalLong value = value(relation, values);
      if (value.isEmpty() || value.getAsLong() < 0) {
        return false;
      }
    }
    return true;
  }

  private static OptionalLong value(Dim dim, Map<String, Long> values) {
    try {
      return OptionalLong.of(
          dim.evaluate(symbol -> {
            Long value = values.get(symbol);
            if (value == null) {
              throw new ArithmeticException("not placed yet");
            }
            return value;
          }));
    } catch (ArithmeticException e) {
      return OptionalLong.empty();
    }
  }

  /// The least value of `dim` in any sample.
  OptionalLong least(Dim dim) {
    OptionalLong least = OptionalLong.empty();
    for (int i = 0; i < samples.size(); i++) {
      Map<String, Long> values = samples.get(i);
      for (String symbol : dim.symbols()) {
        if (!values.containsKey(symbol)) {
          values.put(symbol, draw(symbol, new Random(31L * i + symbol.hashCode()), i));
        }
      }
      OptionalLong value = value(dim, values);
      if (value.isPresent() && (least.isEmpty() || value.getAsLong() < least.getAsLong())) {
        least = value;
      }
    }
    return least;
  }
}
