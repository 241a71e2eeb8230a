-- A test copy of a school's database can neither sign nor send.
UPDATE hocba_certificate SET sealed_key = NULL, has_key = false;
UPDATE hocba_endpoint SET sealed_password = NULL, sealed_client_key = NULL, send_automatically = false, active = false;
UPDATE hocba_tsa SET sealed_secret = NULL, active = false;
UPDATE hocba_signing_service SET sealed_secret = NULL, active = false;
UPDATE hocba_signing_job_line SET digest = NULL, value = NULL, state = 'waiting' WHERE state = 'asked';
UPDATE hocba_signing_job SET ticket = NULL, approve_until = NULL, state = 'stopped' WHERE state IN ('approval', 'running');
DELETE FROM ir_config_parameter WHERE key = 'hocba_digital.fetch_revocations';
