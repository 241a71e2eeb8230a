-- A test copy of a school's database can neither sign nor send.
UPDATE hocba_certificate SET sealed_key = NULL, has_key = false;
UPDATE hocba_endpoint SET sealed_password = NULL, send_automatically = false, active = false;
