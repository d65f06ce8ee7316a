//! Who is calling: names in client certificates and the table of principals.
