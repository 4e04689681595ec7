package dev.sinter.ir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class DimTest {
  private static final Dim N = Dim.symbol("N");
  private static final Dim C = Dim.symbol("C");
  private static final Dim H = Dim.symbol("H");
  private static final Dim J = Dim.symbol("%j");

  @Test
  void identitiesOfSumsAndProductsAreEqual() {
    assertThat(N.plus(C).times(N.minus(C))).isEqualTo(N.times(N).minus(C.times(C)));
    assertThat(N.plus(1).minus(N)).isEqualTo(Dim.ONE);
    assertThat(N.times(C)).isEqualTo(C.times(N)).hasSameHashCodeAs(C.times(N));
    assertThat(N.times(C).equals(N.plus(C))).isFalse();
  }

  @Test
  void quotientsLoseWhatTheDivisorDivides() {
    assertThat(C.times(4).plus(3).floorDiv(4)).isEqualTo(C);
    assertThat(H.minus(1).floorDiv(2).plus(1)).isEqualTo(H.plus(1).floorDiv(2));
    assertThat(H.times(3).floorDiv(2)).isEqualTo(H.plus(H.floorDiv(2)));
    assertThat(N.times(C).times(6).floorDiv(C.times(2))).isEqualTo(N.times(3));
    assertThat(C.times(2).plus(1).floorDiv(4)).isEqualTo(C.floorDiv(2));
    assertThat(N.floorDiv(2).floorDiv(3)).isEqualTo(N.floorDiv(6));
    assertThat(N.ceilDiv(Dim.of(4))).hasToString("floor((N + 3) / 4)");
  }

  @Test
  void sumsDivideTheirMultiples() {
    Dim out = H.minus(1).floorDiv(2).plus(1);
    assertThat(N.times(out).times(out).floorDiv(out)).isEqualTo(N.times(out));
    assertThat(N.times(out).times(H.plus(1)).floorDiv(out.times(H.plus(1)))).isEqualTo(N);
    assertThat(N.times(H.plus(1)).plus(J).floorDiv(H.plus(1)))
        .isEqualTo(N.plus(J.floorDiv(H.plus(1))));
    assertThat(H.floorDiv(H.plus(1))).hasToString("floor(H / (H + 1))");
  }

  @Test
  void printsForPeople() {
    Dim out = H.plus(N.times(2)).minus(C).floorDiv(C.times(2)).plus(1);
    assertThat(out).hasToString("floor((H - C + 2*N) / (2*C)) + 1");
    assertThat(N.times(-1).plus(C.times(3)).minus(2)).hasToString("3*C - N - 2");
    assertThat(N.max(C).times(N.min(Dim.of(3)))).hasToString("max(C, N)*min(N, 3)");
    assertThat(Dim.of(Long.MIN_VALUE)).hasToString("-9223372036854775808");
  }

  @Test
  void overflowIsRefused() {
    assertThatThrownBy(() -> N.times(Long.MAX_VALUE).times(2))
        .isInstanceOf(ArithmeticException.class);
    assertThatThrownBy(() -> Dim.of(Long.MAX_VALUE).plus(1))
        .isInstanceOf(ArithmeticException.class);
    assertThatThrownBy(() -> N.floorDiv(0)).isInstanceOf(ArithmeticException.class);
  }

  @Test
  void substitutesAllAtOnce() {
    Dim quotient = N.floorDiv(C);
    assertThat(quotient.substitute(Map.of("N", C.times(H), "H", C))).isEqualTo(H);
    assertThat(N.plus(C).substitute(Map.of("N", C, "C", N))).isEqualTo(N.plus(C));
  }

  @Test
  void randomExpressionsHaveTheValueOfHowTheyWereMade() {
    RandomDims cases = new RandomDims(7, List.of("N", "C", "H", "%j"));
    for (int i = 0; i < 8_000; i++) {
      RandomDims.Case c = cases.next(1 + i % 4);
      for (int k = 0; k < 4; k++) {
        Map<String, Long> values = cases.values();
        assertThat(c.dim().evaluate(s -> Objects.requireNonNull(values.get(s))))
            .as("%s under %s", c.dim(), values)
            .isEqualTo(c.value().applyAsLong(values));
      }
    }
  }

  @Test
  void parsesWhatItPrints() {
    RandomDims cases = new RandomDims(8, List.of("N", "C", "H", "%j"));
    for (int i = 0; i < 8_000; i++) {
      Dim dim = cases.next(1 + i % 4).dim();
      assertThat(DimParser.parse(dim.toString())).isEqualTo(dim);
      assertThat(dim.rewrite(atom -> null)).isEqualTo(dim);
    }
  }

  @Test
  void substitutionKeepsTheValue() {
    RandomDims cases = new RandomDims(9, List.of("N", "C", "H"));
    for (int i = 0; i < 5_000; i++) {
      Dim dim = cases.next(3).dim();
      RandomDims.Case n = cases.next(1);
      RandomDims.Case c = cases.next(1);
      Map<String, Long> values = cases.values();
      Map<String, Long> inner = new HashMap<>(values);
      inner.put("N", n.value().applyAsLong(values));
      inner.put("C", c.value().applyAsLong(values));
      if (inner.get("N") > 0 && inner.get("C") > 0) {
        Dim replaced = dim.substitute(Map.of("N", n.dim(), "C", c.dim()));
        assertThat(replaced.evaluate(s -> Objects.requireNonNull(values.get(s))))
            .as("%s with %s, %s under %s", dim, n.dim(), c.dim(), values)
            .isEqualTo(dim.evaluate(s -> Objects.requireNonNull(inner.get(s))));
      }
    }
  }

  @Test
  void saysWhereATextIsNoSize() {
    for (String wrong :
        List.of(
            "",
            "N +",
            "(N",
            "floor(N, 2)",
            "floor(N / 0)",
            "f(N, 2)",
            "N N",
            "99999999999999999999",
            "%",
            "(".repeat(1000))) {
      assertThatThrownBy(() -> DimParser.parse(wrong))
          .as(wrong)
          .isInstanceOf(DimParser.DimSyntaxException.class);
    }
  }
}
