package dev.sinter.ir.diagnostic;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// Which name somebody may have meant.
public final class Spelling {
  /// Longer names come from files, and comparing two takes the product of their lengths.
  private static final int LONGEST = 200;

  private Spelling() {}

  /// The known name that is spelled most alike, where one is close; `SGD` is `Sgd`.
  public static Optional<String> nearest(String name, List<String> known) {
    int most = Math.max(1, name.length() / 3);
    return known.stream()
        .filter(k -> Math.abs(k.length() - name.length()) <= most && name.length() <= LONGEST)
        .filter(k -> distance(name, k) <= most)
        .min(Comparator.comparingInt((String k) -> distance(name, k)).thenComparing(k -> k))
        .or(() -> known.stream().filter(name::equalsIgnoreCase).findFirst());
  }

  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int above = row[j];
        int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(change, Math.min(above, row[j - 1]) + 1);
        diagonal = above;
      }
    }
    return row[b.length()];
  }
}
