package dev.sinter.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PlacementTest {
  @Test
  void reusesMemoryThatIsDead() {
    BufferPlan plan =
        BufferPlan.parse(
            """
            buffer arena 0..1 a
            buffer arena 1..2 b
            buffer arena 2..3 c
            buffer weights 0..3 w
            """);
    Placement placement = Placement.place(plan, new long[] {100, 200, 100, 5000});
    assertThat(placement.text(plan, new long[] {100, 200, 100, 0}))
        .isEqualTo(
            """
            arena 512 bytes
              320 +100 steps 0..1 a
              0 +200 steps 1..2 b
              320 +100 steps 2..3 c
            """);
    assertThat(placement.bytes()).isEqualTo(512);
  }

  @Test
  void keepsWhatSharesMemoryTogetherOverAllItsSteps() {
    BufferPlan plan =
        BufferPlan.parse(
            """
            buffer arena 0..1 a
            buffer arena 1..2 a.relu in 0
            buffer arena 2..4 a.relu.exp in 1
            buffer arena 3..3 late
            """);
    Placement placement = Placement.place(plan, new long[] {64, 640, 64, 64});
    assertThat(placement.offset(1)).isEqualTo(placement.offset(0));
    assertThat(placement.offset(2)).isEqualTo(placement.offset(0));
    assertThat(placement.offset(3)).isEqualTo(704);
  }

  @Test
  void givesEachThreadScratchOfItsOwn() {
    BufferPlan plan =
        BufferPlan.parse(
            """
            buffer scratch 0..1 scores
            buffer scratch 0..1 weights in 0
            buffer arena 1..2 result
            """);
    long[] sizes = {100, 130, 64};
    Placement placement = Placement.place(plan, sizes, 3);
    assertThat(placement.stride(0)).isEqualTo(256);
    assertThat(placement.stride(1)).as("one memory").isEqualTo(256);
    assertThat(placement.stride(2)).as("of all threads").isZero();
    assertThat(placement.offset(2)).isEqualTo(3 * 256);
    assertThat(placement.bytes()).isEqualTo(3 * 256 + 128);
    assertThat(Placement.place(plan, sizes).bytes()).isEqualTo(256 + 128);
  }

  @Test
  void neverLetsTwoLivingBuffersOverlap() {
    for (int seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      int count = random.nextInt(1, 60);
      List<BufferPlan.Buffer> buffers = new ArrayList<>();
      long[] sizes = new long[count];
      for (int i = 0; i < count; i++) {
        int first = random.nextInt(40);
        int last = random.nextInt(4) == 0 ? Integer.MAX_VALUE : first + random.nextInt(8);
        int sharing = i > 0 && random.nextInt(5) == 0 ? random.nextInt(i) : i;
        buffers.add(new BufferPlan.Buffer("b" + i, Storage.ARENA, first, last, sharing));
        sizes[i] = random.nextInt(6) == 0 ? 0 : random.nextLong(1, 1 << random.nextInt(1, 20));
      }
      BufferPlan plan =
          new BufferPlan(0, buffers, List.of(), List.of(), List.of(), List.of(), List.of());
      Placement placement = Placement.place(plan, sizes);
      long most = 0;
      for (int i = 0; i < count; i++) {
        most = Math.max(most, placement.offset(i) + sizes[i] + Placement.SLACK);
        assertThat(placement.offset(i) % 64).isZero();
        for (int j = 0; j < i; j++) {
          if (root(buffers, i) == root(buffers, j)) {
            assertThat(placement.offset(i)).isEqualTo(placement.offset(j));
          } else if (liveTogether(buffers.get(i), buffers.get(j))) {
            boolean apart =
                placement.offset(i) + sizes[i] + Placement.SLACK <= placement.offset(j)
                    || placement.offset(j) + sizes[j] + Placement.SLACK <= placement.offset(i);
            assertThat(apart).as("seed %d, buffers %d and %d", seed, i, j).isTrue();
          }
        }
      }
      assertThat(placement.bytes()).isGreaterThanOrEqualTo(most).isLessThan(most + 64);
      assertThat(Placement.place(plan, sizes).text(plan, sizes))
          .isEqualTo(placement.text(plan, sizes));
    }
  }

  @Test
  void refusesSizesOutOfRange() {
    BufferPlan plan = BufferPlan.parse("buffer arena 0..1 a\nbuffer arena 0..1 b\n");
    assertThatThrownBy(() -> Placement.place(plan, new long[] {-1, 0}))
        .isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> Placement.place(plan, new long[] {Shapes.MAX_BYTES, Shapes.MAX_BYTES}))
        .isInstanceOf(ShapeException.class);
  }

  private static boolean liveTogether(BufferPlan.Buffer a, BufferPlan.Buffer b) {
    return a.first() <= b.last() && b.first() <= a.last();
  }

  private static int root(List<BufferPlan.Buffer> buffers, int buffer) {
    int sharing = buffers.get(buffer).sharing();
    return sharing == buffer ? buffer : root(buffers, sharing);
  }
}
