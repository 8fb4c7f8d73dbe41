-- The trust anchor of the validating PowerDNS Recursor, which reads it from a file of its own.
clearTA()
addTA('{{anchor_zone}}', "{{anchor_rdata}}")
