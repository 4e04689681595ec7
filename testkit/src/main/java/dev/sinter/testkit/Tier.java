package dev.sinter.testkit;

/// How much of each property a run of the tests tries.
public enum Tier {
  /// A seeded sample: what `mvn verify` runs.
  SAMPLED,
  /// All of it: what `mvn verify -Pfull` runs.
  FULL;

  /// The tier of this run, from the system property `sinter.tests`.
  public static Tier current() {
    String name = System.getProperty("sinter.tests", "sampled");
    return switch (name) {
      case "sampled" -> SAMPLED;
      case "full" -> FULL;
      default -> throw new IllegalArgumentException("sinter.tests is sampled or full, not " + name);
    };
  }

  /// The number of cases to try in this tier.
  public int cases(int sampled, int full) {
    return switch (this) {
      case SAMPLED -> sampled;
      case FULL -> full;
    };
  }
}
