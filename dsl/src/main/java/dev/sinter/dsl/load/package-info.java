/// Files and what they import of each other.
package dev.sinter.dsl.load;
