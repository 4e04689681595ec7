package dev.sinter.runtime;

import java.lang.System.Logger.Level;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Which of a program's kernel classes run best in this JVM.
///
/// The number of vector registers decides the tiles of matrix products, and so the class; the width
/// of a vector is the machine's own in each.
public enum KernelTier {
  /// Vector API, tiles for 32 vector registers: AVX-512, NEON and SVE.
  REGISTERS_32("32"),
  /// Vector API, tiles for 16 vector registers: AVX2.
  REGISTERS_16("16"),
  /// Plain Java.
  SCALAR("scalar");

  /// The system property that picks a tier by its name, for tests and comparisons.
  public static final String PROPERTY = "sinter.tier";

  private static final String LOGGER = "dev.sinter";
  private static final String VECTOR_MODULE = "jdk.incubator.vector";

  private final String text;

  KernelTier(String text) {
    this.text = text;
  }

  /// The name that [#PROPERTY] knows.
  public String text() {
    return text;
  }

  /// The tier for a program. A log line at level `DEBUG` says which it is; that it is slower than
  /// need be, without anybody having asked for that, is said at level `INFO`, once in a JVM.
  ///
  /// @param program the program's name for people
  /// @throws ModelException when [#PROPERTY] names none, or one that this JVM cannot run
  public static KernelTier choose(String program) {
    // The JVM's management starts slowly: it may as well do so while the Vector API does.
    JitDirectives.begin();
    int lanes = preferredLanes();
    String forced = System.getProperty(PROPERTY);
    KernelTier tier = forced == null ? best(lanes, System.getProperty("os.arch", "")) : of(forced);
    if (lanes == 0 && tier != SCALAR) {
      throw new ModelException(
          "-D%s=%s needs --add-modules %s".formatted(PROPERTY, forced, VECTOR_MODULE));
    }
    if (isSurprising(tier, forced)) {
      Surprise.say();
    }
    System.getLogger(LOGGER).log(Level.DEBUG, () -> message(program, tier, lanes));
    return tier;
  }

  /// Whether a tier is slower than need be, and nobody asked for it.
  static boolean isSurprising(KernelTier tier, @Nullable String forced) {
    return tier == SCALAR && forced == null;
  }

  /// Said when this class is initialised, which happens once.
  private static final class Surprise {
    static {
      System.getLogger(LOGGER)
          .log(
              Level.INFO,
              "kernels run in plain Java, several times faster with --add-modules "
                  + VECTOR_MODULE);
    }

    static void say() {}
  }

  /// The tier for vectors of `lanes` floats, 0 where there is no Vector API.
  static KernelTier best(int lanes, String architecture) {
    if (lanes == 0) {
      return SCALAR;
    }
    boolean arm = architecture.equals("aarch64") || architecture.equals("arm64");
    return arm || lanes >= 16 ? REGISTERS_32 : REGISTERS_16;
  }

  /// What was chosen.
  static String message(String program, KernelTier tier, int lanes) {
    String used =
        switch (tier) {
          case REGISTERS_32, REGISTERS_16 ->
              "vectors of %d bits, tiles for %s registers".formatted(lanes * 32, tier.text);
          case SCALAR -> "scalar kernels";
        };
    return "%s: %s".formatted(program, used);
  }

  private static KernelTier of(String name) {
    for (KernelTier tier : values()) {
      if (tier.text.equals(name.toLowerCase(Locale.ROOT))) {
        return tier;
      }
    }
    throw new ModelException("-D%s is 32, 16 or scalar, not %s".formatted(PROPERTY, name));
  }

  /// The floats in a vector of the machine's preferred width; 0 where the module is not there.
  private static int preferredLanes() {
    Optional<Module> module = ModuleLayer.boot().findModule(VECTOR_MODULE);
    if (module.isEmpty()) {
      return 0;
    }
    try {
      // By reflection: this module must load where that one is not.
      Class<?> vector = Class.forName(VECTOR_MODULE + ".FloatVector");
      Object species = vector.getField("SPECIES_PREFERRED").get(null);
      Class<?> type = Class.forName(VECTOR_MODULE + ".VectorSpecies");
      return type.getMethod("length").invoke(species) instanceof Integer lanes ? lanes : 0;
    } catch (ReflectiveOperationException e) {
      return 0;
    }
  }
}
