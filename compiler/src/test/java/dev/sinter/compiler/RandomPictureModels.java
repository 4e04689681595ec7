package dev.sinter.compiler;

import dev.sinter.compiler.SampleModel.Setting;
import dev.sinter.runtime.DType;
import dev.sinter.testkit.RandomGraphs.Sample;
import dev.sinter.testkit.RandomPictures;
import dev.sinter.testkit.Shrinking;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// A program to try random networks of pictures by hand, as [RandomModels] does with other graphs:
/// `RandomPictureModels FIRST COUNT OPS`, and any fourth word to shrink what fails.
final class RandomPictureModels {
  private static final List<Setting> SETTINGS =
      List.of(
          new Setting("scalar", 128, 2),
          new Setting("16", 128, 1),
          new Setting("16", 256, 3),
          new Setting("32", 512, 2));

  public static void main(String[] args) {
    long first = Long.parseLong(args[0]);
    long end = first + Long.parseLong(args[1]);
    int ops = Integer.parseInt(args[2]);
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    for (long seed = first; seed < end; seed++) {
      Sample sample;
      try {
        DType dtype =
            switch ((int) (seed % 8)) {
              case 3 -> DType.F64;
              case 5 -> DType.BF16;
              case 7 -> DType.F16;
              default -> DType.F32;
            };
        sample = RandomPictures.sample(seed, ops, dtype, seed % 3 == 0);
      } catch (RuntimeException e) {
        out.println("seed " + seed + " not drawn: " + e);
        continue;
      }
      String fault = fault(sample);
      if (!fault.isEmpty()) {
        out.printf("FAULT seed %d: %s%n", seed, fault.lines().limit(12).toList());
        if (args.length > 3) {
          Sample small = Shrinking.shrink(sample, s -> !fault(s).isEmpty());
          out.printf("seed %d small: %s%n%s%n", seed, small, fault(small));
        }
      }
    }
    out.println("tried " + first + " " + args[1]);
  }

  private static String fault(Sample sample) {
    try {
      return new SampleModel(List.of(sample), 64).faults(SETTINGS).getFirst();
    } catch (RuntimeException | LinkageError e) {
      StringWriter trace = new StringWriter();
      e.printStackTrace(new PrintWriter(trace));
      return trace.toString();
    }
  }
}
