package dev.sinter.ir;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ProverTest {
  private static final Dim N = Dim.symbol("N");
  private static final Dim C = Dim.symbol("C");
  private static final Dim H = Dim.symbol("H");
  private static final Dim K = Dim.symbol("K");
  private static final Dim P = Dim.symbol("%p");
  private static final Dim J = Dim.symbol("%j");

  private static Facts facts(Facts.Fact... facts) {
    return new Facts(List.of(facts), List.of());
  }

  private static Facts axes(Axis... axes) {
    return new Facts(List.of(), List.of(axes));
  }

  private static Facts.Fact atLeast(Dim left, Dim right) {
    return new Facts.Fact.AtLeast(left, right);
  }

  private static Facts.Fact equal(Dim left, Dim right) {
    return new Facts.Fact.Equal(left, right);
  }

  private static Facts.Fact divides(long divisor, Dim dim) {
    return new Facts.Fact.Divides(Dim.of(divisor), dim);
  }

  @Test
  void sizesAreAtLeastOneUnlessAFactAllowsLess() {
    assertThat(Facts.NONE.atLeast(N, Dim.ONE)).isTrue();
    assertThat(Facts.NONE.atLeast(N.times(C), N)).isTrue();
    assertThat(Facts.NONE.atLeast(N, Dim.of(2))).isFalse();
    assertThat(Facts.NONE.atLeast(N, C)).isFalse();
    assertThat(facts(atLeast(N, Dim.ZERO)).atLeast(N, Dim.ONE)).isFalse();
    assertThat(facts(atLeast(N, Dim.ZERO)).atLeast(N, Dim.ZERO)).isTrue();
  }

  @Test
  void linearFactsAddUp() {
    Facts chain = facts(atLeast(N, C.plus(2)), atLeast(C, H), atLeast(H, K.times(2)));
    assertThat(chain.atLeast(N, K.times(2).plus(2))).isTrue();
    assertThat(chain.atLeast(N, K.times(2).plus(3))).isFalse();
    assertThat(chain.atLeast(N, Dim.of(4))).isTrue();
    assertThat(chain.atLeast(N.times(C), C.times(K).times(2))).isTrue();
  }

  @Test
  void multiplesDivideWithoutRest() {
    Facts even = facts(divides(2, H));
    assertThat(even.simplify(H.floorDiv(2).times(2))).isEqualTo(H);
    assertThat(even.equal(H.plus(1).floorDiv(2), H.floorDiv(2))).isTrue();
    assertThat(Facts.NONE.equal(H.floorDiv(2).times(2), H)).isFalse();
    assertThat(even.simplify(H.floorDiv(2))).isEqualTo(H.floorDiv(2));
    assertThat(even.proves(divides(4, H.times(2)))).isTrue();
    assertThat(even.proves(divides(4, H))).isFalse();
    assertThat(even.atLeast(H, Dim.of(2))).isTrue();
    Facts six = facts(divides(2, H), divides(3, H));
    assertThat(six.proves(divides(6, H))).isTrue();
    assertThat(six.simplify(H.floorDiv(6).times(12))).isEqualTo(H.times(2));
    Facts heads = facts(new Facts.Fact.Divides(K, C));
    assertThat(heads.simplify(C.floorDiv(K).times(K))).isEqualTo(C);
    Facts odd = facts(divides(2, H.minus(1)));
    assertThat(odd.equal(H.floorDiv(2).times(2).plus(1), H)).isTrue();
  }

  @Test
  void equalitiesReplace() {
    Facts same = facts(equal(C, N.times(4)), equal(H, C.plus(1)));
    assertThat(same.equal(H, N.times(4).plus(1))).isTrue();
    assertThat(same.simplify(C.floorDiv(4))).isEqualTo(N);
    assertThat(same.atLeast(H, Dim.of(5))).isTrue();
    assertThat(same.equal(H, N)).isFalse();
    Facts product = facts(equal(C.times(K), N.times(N)));
    assertThat(product.equal(C.times(K).plus(1), N.times(N).plus(1))).isTrue();
  }

  @Test
  void axesStayInTheirRange() {
    Facts tile = axes(new Axis("%p", N), new Axis("%j", Dim.of(32)));
    assertThat(tile.simplify(P.times(32).plus(J).floorDiv(32))).isEqualTo(P);
    assertThat(tile.simplify(P.times(32).plus(J).mod(32))).isEqualTo(J);
    Facts rows = axes(new Axis("%p", H), new Axis("%j", C));
    Dim linear = P.times(C).plus(J);
    assertThat(rows.simplify(linear.floorDiv(C))).isEqualTo(P);
    assertThat(rows.simplify(linear.mod(C))).isEqualTo(J);
    assertThat(rows.atLeast(H.times(C).minus(1), linear)).isTrue();
    assertThat(rows.simplify(linear.floorDiv(C.times(H)))).isEqualTo(Dim.ZERO);
    Dim out = H.minus(1).floorDiv(2).plus(1);
    Facts sums = axes(new Axis("%p", out), new Axis("%j", out));
    assertThat(sums.simplify(P.times(out).plus(J).floorDiv(out))).isEqualTo(P);
    Facts eight = axes(new Axis("%j", Dim.of(8)));
    assertThat(eight.simplify(N.times(8).plus(J).floorDiv(32))).isEqualTo(N.floorDiv(4));
    assertThat(eight.upper(J)).hasValue(7);
  }

  @Test
  void windowsOfAStridedConvolutionStayInside() {
    // out = floor((H + 2*1 - 3) / 2) + 1; the last window ends within the padded rows.
    Dim out = H.minus(1).floorDiv(2).plus(1);
    Facts windows = axes(new Axis("%p", out), new Axis("%j", Dim.of(3)));
    Dim row = P.times(2).plus(J).minus(1);
    assertThat(windows.atLeast(H, row)).isTrue();
    assertThat(windows.atLeast(row, Dim.of(-1))).isTrue();
    assertThat(windows.atLeast(H.minus(1), row)).isFalse();
    assertThat(Facts.NONE.atLeast(H, out)).isTrue();
    assertThat(Facts.NONE.equal(H.ceilDiv(Dim.of(2)), H.minus(H.floorDiv(2)))).isTrue();
    Facts wide = facts(atLeast(H, K));
    assertThat(wide.atLeast(H.minus(K).floorDiv(2).plus(1), Dim.ONE)).isTrue();
    assertThat(wide.atLeast(H, H.minus(K).floorDiv(2).plus(1))).isTrue();
    // Symbolic stride.
    assertThat(wide.atLeast(H.minus(K).floorDiv(C).plus(1), Dim.ONE)).isTrue();
    Facts strided = wide.over(List.of(new Axis("%p", H.minus(K).floorDiv(C).plus(1))));
    assertThat(strided.atLeast(H.minus(K), P.times(C))).isTrue();
  }

  @Test
  void maximaAndMinimaAreResolved() {
    assertThat(Facts.NONE.simplify(N.max(Dim.ONE))).isEqualTo(N);
    assertThat(Facts.NONE.simplify(N.plus(C).min(N))).isEqualTo(N);
    assertThat(facts(atLeast(N, C)).simplify(N.max(C))).isEqualTo(N);
    assertThat(Facts.NONE.simplify(N.max(C))).isEqualTo(N.max(C));
    assertThat(Facts.NONE.atLeast(N.plus(C), N.max(C))).isTrue();
    assertThat(Facts.NONE.atLeast(N.max(C), N.min(C))).isTrue();
    assertThat(Facts.NONE.equal(N.max(C).plus(N.min(C)), N.plus(C))).isTrue();
  }

  @Test
  void boundsAreFound() {
    Facts some = facts(atLeast(Dim.of(64), N), divides(4, C));
    assertThat(some.upper(N.times(2).plus(1))).hasValue(129);
    assertThat(some.lower(C)).hasValue(4);
    assertThat(some.upper(C)).isEmpty();
    assertThat(Facts.NONE.lower(H.minus(H.floorDiv(2)))).hasValue(1);
  }

  /// With random facts, what is affirmed holds for all values from 1 to 8 that obey the facts, and
  /// what is simplified keeps its value.
  @Test
  void neverAffirmsWhatDoesNotHold() {
    Random random = new Random(5);
    RandomDims cases = new RandomDims(6, List.of("N", "C", "H"));
    int affirmed = 0;
    for (int round = 0; round < 60; round++) {
      List<Facts.Fact> some = new ArrayList<>();
      for (int i = random.nextInt(4); i > 0; i--) {
        Dim a = cases.next(1).dim();
        Dim b = cases.next(1).dim();
        some.add(
            switch (random.nextInt(4)) {
              case 0 -> equal(a, b);
              case 1 -> divides(random.nextInt(2, 5), a);
              default -> atLeast(a, b);
            });
      }
      Facts given = new Facts(some, List.of(new Axis("%j", N.plus(1)), new Axis("%p", Dim.of(4))));
      List<Map<String, Long>> worlds = worlds(given, random);
      Prover prover = given.prover();
      RandomDims exprs = new RandomDims(round, List.of("N", "C", "H"), List.of("%j", "%p"));
      for (int i = 0; i < 12; i++) {
        Dim dim = exprs.next(3).dim();
        Dim other = exprs.next(2).dim();
        Dim simple = prover.simplify(dim);
        boolean atLeast = prover.atLeast(dim, other);
        boolean equal = prover.equal(dim, other);
        OptionalLong low = prover.lower(dim);
        OptionalLong high = prover.upper(dim);
        affirmed += atLeast || equal ? 1 : 0;
        for (Map<String, Long> world : worlds) {
          long value = value(dim, world);
          assertThat(value(simple, world))
              .as("%s as %s with %s", dim, simple, given)
              .isEqualTo(value);
          if (atLeast) {
            assertThat(value)
                .as("%s >= %s with %s", dim, other, given)
                .isGreaterThanOrEqualTo(value(other, world));
          }
          if (equal) {
            assertThat(value)
                .as("%s == %s with %s", dim, other, given)
                .isEqualTo(value(other, world));
          }
          low.ifPresent(l -> assertThat(value).isGreaterThanOrEqualTo(l));
          high.ifPresent(h -> assertThat(value).isLessThanOrEqualTo(h));
        }
      }
    }
    assertThat(affirmed).isGreaterThan(100);
  }

  private static List<Map<String, Long>> worlds(Facts facts, Random random) {
    List<Map<String, Long>> worlds = new ArrayList<>();
    for (int i = 0; i < 400 && worlds.size() < 25; i++) {
      Map<String, Long> world = new HashMap<>();
      for (String symbol : List.of("N", "C", "H")) {
        world.put(symbol, random.nextLong(1, 9));
      }
      for (Axis axis : facts.axes()) {
        long extent = value(axis.extent(), world);
        world.put(axis.symbol(), extent < 1 ? 0 : random.nextLong(extent));
      }
      if (facts.axes().stream().allMatch(a -> value(a.extent(), world) > 0)
          && facts.facts().stream().allMatch(fact -> holds(fact, world))) {
        worlds.add(world);
      }
    }
    return worlds;
  }

  private static boolean holds(Facts.Fact fact, Map<String, Long> world) {
    return switch (fact) {
      case Facts.Fact.AtLeast(Dim left, Dim right) -> value(left, world) >= value(right, world);
      case Facts.Fact.Equal(Dim left, Dim right) -> value(left, world) == value(right, world);
      case Facts.Fact.Divides(Dim divisor, Dim dim) ->
          value(dim, world) % value(divisor, world) == 0;
    };
  }

  private static long value(Dim dim, Map<String, Long> world) {
    return dim.evaluate(s -> Objects.requireNonNull(world.get(s)));
  }
}
